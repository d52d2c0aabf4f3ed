package parquet

import (
	"strconv"
	"strings"
	"unicode"
)

// notRead is the error of what a sound file may have and this package does not read.
type notRead string

func (e notRead) Error() string { return string(e) }

// shown returns a name as errors have it: quoted, if it does not print.
func shown(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(name)
	}
	return name
}
