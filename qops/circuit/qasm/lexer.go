package qasm

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type position struct{ line, column int }

// token is a word, a number, a text in quotes or a sign of the source, or its end.
type token struct {
	pos  position
	kind tokenKind
	text string
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenNumber
	tokenText
	tokenSign
)

// lexer splits a source into tokens.
type lexer struct {
	rest string
	pos  position
}

func (l *lexer) skip(n int) string {
	text := l.rest[:n]
	for _, r := range text {
		if l.pos.column++; r == '\n' {
			l.pos = position{l.pos.line + 1, 1}
		}
	}
	l.rest = l.rest[n:]
	return text
}

// run returns the length of the longest prefix of the rest whose characters all pass.
func (l *lexer) run(pass func(r rune) bool) int {
	if i := strings.IndexFunc(l.rest, func(r rune) bool { return !pass(r) }); i >= 0 {
		return i
	}
	return len(l.rest)
}

// blank skips white space and comments, and tells whether a comment has no end.
func (l *lexer) blank() bool {
	for {
		l.skip(l.run(unicode.IsSpace))
		switch {
		case strings.HasPrefix(l.rest, "//"):
			l.skip(l.run(func(r rune) bool { return r != '\n' }))
		case strings.HasPrefix(l.rest, "/*"):
			end := strings.Index(l.rest[2:], "*/")
			if end < 0 {
				return true
			}
			l.skip(end + 4)
		default:
			return false
		}
	}
}

// next returns the next token, or what is wrong with the source there.
func (l *lexer) next() (token, string) {
	if l.blank() {
		return token{pos: l.pos}, "the comment has no end"
	}
	t := token{pos: l.pos}
	if l.rest == "" {
		return t, ""
	}
	first, _ := utf8.DecodeRuneInString(l.rest)
	switch {
	case isWordLetter(first) && !unicode.IsDigit(first):
		t.kind, t.text = tokenWord, l.skip(l.run(isWordLetter))
	case first >= '0' && first <= '9' || first == '.':
		t.kind, t.text = tokenNumber, l.skip(l.number())
		if _, err := strconv.ParseFloat(t.text, 64); err != nil {
			return t, "the number " + t.text + " does not fit a float64"
		}
	case first == '"':
		end := strings.IndexAny(l.rest[1:], "\"\n")
		if end < 0 || l.rest[1+end] == '\n' {
			return t, "the text in quotes has no end"
		}
		t.kind, t.text = tokenText, strings.Trim(l.skip(end+2), `"`)
	case strings.HasPrefix(l.rest, "->"), strings.HasPrefix(l.rest, "**"):
		t.kind, t.text = tokenSign, l.skip(2)
	case strings.ContainsRune(";,(){}[]+-*/^@=", first):
		t.kind, t.text = tokenSign, l.skip(1)
	default:
		return t, "unexpected character " + strconv.QuoteRune(first)
	}
	return t, ""
}

func isWordLetter(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// number returns the length of a number: digits, a point, digits, an exponent.
func (l *lexer) number() int {
	digits := func(from int) int {
		for from < len(l.rest) && l.rest[from] >= '0' && l.rest[from] <= '9' {
			from++
		}
		return from
	}
	end := digits(0)
	if end < len(l.rest) && l.rest[end] == '.' {
		end = digits(end + 1)
	}
	if end < len(l.rest) && (l.rest[end] == 'e' || l.rest[end] == 'E') {
		exponent := end + 1
		if exponent < len(l.rest) && (l.rest[exponent] == '+' || l.rest[exponent] == '-') {
			exponent++
		}
		if last := digits(exponent); last > exponent {
			end = last
		}
	}
	return end
}
