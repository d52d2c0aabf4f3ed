// Package words writes numbers with their nouns, lists, and names in tables, for people to read.
package words

import (
	"strconv"
	"strings"
)

// Noun returns a noun as it stands behind a number: class or classes.
func Noun(n int, noun string) string {
	switch {
	case n == 1:
		return noun
	case strings.HasSuffix(noun, "tch"), strings.HasSuffix(noun, "ss"):
		return noun + "es"
	case strings.HasSuffix(noun, "ory"):
		return strings.TrimSuffix(noun, "y") + "ies"
	}
	return noun + "s"
}

// Count returns a number with its noun: 1 head, 4 heads, 16 patches.
func Count(n int, noun string) string { return strconv.Itoa(n) + " " + Noun(n, noun) }

// Cell returns a text for a cell of a table in Markdown, which shows it as it is.
func Cell(text string) string { return cell.Replace(text) }

var cell = strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "[", `\[`, "]", `\]`, "<", `\<`,
	"\n", " ")

// List returns names with a word before the last of them: a, b and c.
func List(names []string, before string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " " + before + " " + names[last]
}
