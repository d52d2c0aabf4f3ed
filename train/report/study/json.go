package study

import (
	"bytes"
	"encoding/json"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train/rundir"
)

// writeJSON replaces the file at path by indented JSON that people can read: the numbers of a list are on one
// line.
func writeJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return errors.Wrapf(err, "study: %s", path)
	}
	return rundir.SaveText(path, append(joinLists(text), '\n'))
}

// joinLists puts each list of numbers in indented JSON on one line.
func joinLists(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		out = append(out, text[i])
		switch text[i] {
		case '"': // copy a string to its end
			for i++; text[i] != '"'; i++ {
				out = append(out, text[i])
				if text[i] == '\\' {
					i++
					out = append(out, text[i])
				}
			}
			out = append(out, '"')
		case '[':
			end := i + 1
			for bytes.IndexByte([]byte("0123456789+-.eE, \n"), text[end]) >= 0 {
				end++
			}
			if text[end] != ']' {
				continue
			}
			list := bytes.Join(bytes.Fields(text[i+1:end]), []byte{' '})
			out = append(append(out, list...), ']')
			i = end
		}
	}
	return out
}
