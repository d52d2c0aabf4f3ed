package qasm

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type position struct{ line, column int }

// token is a word, a number, a text in quotes or a sign of the source, or its end.
type token struct {
	pos    position
	kind   tokenKind
	text   string
	number literal
}

// literal is the value of a number: a whole one, or one with a point, an exponent or too many digits.
type literal struct {
	whole bool
	n     int64
	x     float64
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenNumber
	tokenTime // a number with a unit of time
	tokenText
	tokenHardware // $ and the number of a physical qubit
	tokenSign
)

// lexer splits a source into tokens.
type lexer struct {
	rest    string
	pos     position
	version int
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
	case isDigit(first), first == '.' && len(l.rest) > 1 && isDigit(rune(l.rest[1])):
		return l.number(t)
	case first == '"', first == '\'':
		end := strings.IndexAny(l.rest[1:], string(first)+"\n")
		if end < 0 || l.rest[1+end] == '\n' {
			return t, "the text in quotes has no end"
		}
		t.kind, t.text = tokenText, l.skip(end + 2)[1:end+1]
	case first == '$' && l.version == 3 && len(l.rest) > 1 && isDigit(rune(l.rest[1])):
		t.kind, t.text = tokenHardware, l.skip(1+digits(l.rest[1:], false))
	default:
		n := signLength(l.rest, l.version)
		if n == 0 && l.version == 2 && signLength(l.rest, 3) > 0 {
			return t, fmt.Sprintf(otherVersion, strconv.QuoteRune(first))
		}
		if n == 0 {
			return t, "unexpected character " + strconv.QuoteRune(first)
		}
		t.kind, t.text = tokenSign, l.skip(n)
	}
	return t, ""
}

// signs are those of more than one character, longest first.
var signs = strings.Fields("**= <<= >>= -> ** ++ == != <= >= << >> && || += -= *= /= %= &= |= ^=")

func signLength(s string, version int) int {
	if strings.IndexByte(";,()[]{}", s[0]) >= 0 {
		return 1
	}
	for _, sign := range signs {
		if strings.HasPrefix(s, sign) && (version == 3 || sign == "->" || sign == "==") {
			return len(sign)
		}
	}
	plain := "+-*/^="
	if version == 3 {
		plain += "@:%|&~!<>#"
	}
	if s[0] < utf8.RuneSelf && strings.IndexByte(plain, s[0]) >= 0 {
		return 1
	}
	return 0
}

func isWordLetter(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Nl, r)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// digits returns the length of the digits at the beginning, in version 3 with an underscore between two.
func digits(s string, separators bool) int {
	n := 0
	for n < len(s) && (isDigit(rune(s[n])) ||
		separators && n > 0 && s[n] == '_' && s[n-1] != '_' && n+1 < len(s) && isDigit(rune(s[n+1]))) {
		n++
	}
	return n
}

// number reads a whole number, in version 3 also in base 2, 8 or 16; or digits, a point, digits, an exponent;
// in version 3 a unit of time may follow.
func (l *lexer) number(t token) (token, string) {
	t.kind = tokenNumber
	separators := l.version == 3
	if separators && len(l.rest) > 1 && l.rest[0] == '0' && strings.IndexByte("xXbBo", l.rest[1]) >= 0 {
		t.text = l.skip(l.run(isWordLetter))
		n, ok := new(big.Int).SetString(strings.ToLower(t.text), 0)
		if !ok {
			return t, "the number " + t.text + " is not one of base 2, 8 or 16"
		}
		t.number.x, _ = new(big.Float).SetInt(n).Float64()
		if t.number.whole = n.IsInt64(); t.number.whole {
			t.number.n = n.Int64()
		}
		return t, ""
	}
	end := digits(l.rest, separators)
	whole := true
	if end < len(l.rest) && l.rest[end] == '.' {
		whole = false
		end++
		end += digits(l.rest[end:], separators)
	}
	if end < len(l.rest) && (l.rest[end] == 'e' || l.rest[end] == 'E') {
		exponent := end + 1
		if exponent < len(l.rest) && (l.rest[exponent] == '+' || l.rest[exponent] == '-') {
			exponent++
		}
		if n := digits(l.rest[exponent:], separators); n > 0 {
			end, whole = exponent+n, false
		}
	}
	t.text = l.skip(end)
	plain := strings.ReplaceAll(t.text, "_", "")
	var err error
	if t.number.x, err = strconv.ParseFloat(plain, 64); err != nil {
		return t, "the number " + t.text + " does not fit a float64"
	}
	if whole {
		t.number.n, err = strconv.ParseInt(plain, 10, 64)
		t.number.whole = err == nil
	}
	if separators {
		return l.unit(t)
	}
	return t, ""
}

// unit reads the unit of time after a number, if there is one.
func (l *lexer) unit(t token) (token, string) {
	blanks := l.rest[:len(l.rest)-len(strings.TrimLeft(l.rest, " \t"))]
	rest := l.rest[len(blanks):]
	word := rest
	if end := strings.IndexFunc(rest, func(r rune) bool { return !isWordLetter(r) }); end >= 0 {
		word = rest[:end]
	}
	seconds, ok := units[word]
	switch {
	case word == "im":
		return t, "complex numbers are not supported"
	case !ok:
		return t, ""
	}
	l.skip(len(blanks) + len(word))
	t.kind, t.text, t.number = tokenTime, t.text+word, literal{x: t.number.x * seconds}
	return t, ""
}

// units are those of time, in seconds; the step of a device has no length here.
var units = map[string]float64{"s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9, "dt": 0}

// line skips the rest of the line.
func (l *lexer) line() { l.skip(l.run(func(r rune) bool { return r != '\n' })) }

// braces skips what stands in braces, and tells whether they are closed.
func (l *lexer) braces() bool {
	depth := 0
	for i := range len(l.rest) {
		switch l.rest[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth <= 0 {
				l.skip(i + 1)
				return depth == 0
			}
		case ';':
			if depth == 0 {
				return false
			}
		}
	}
	return false
}
