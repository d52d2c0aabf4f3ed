package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// outputKind is a kind of file that a command writes.
type outputKind struct {
	name   string // as in "want an SVG file"
	ending string
	is     func(content []byte) bool // whether a file is one, by its first megabyte
}

// The kinds of files that flags such as --svg, --out and --page name.
var (
	svgFile = outputKind{"an SVG file", ".svg", func(content []byte) bool {
		head := bytes.TrimLeft(bytes.TrimPrefix(content, []byte("\ufeff")), " \t\r\n")
		return bytes.HasPrefix(head, []byte("<")) && bytes.Contains(head[:min(len(head), 2048)], []byte("<svg"))
	}}
	pngFile = outputKind{"a PNG file", ".png", func(content []byte) bool {
		return bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n"))
	}}
	pageFile = outputKind{"a page of hqvit report", ".md", func(content []byte) bool {
		return bytes.Contains(content, []byte("\n## Studies\n"))
	}}
)

// checkOutput returns a usage error unless a command may write the file that a flag names: its name ends as
// one of the kinds does, its folder exists, it is none of the command's inputs, whatever links lead there,
// and it is not there yet, or empty, or of the kind that its name says. An input may be "", "-" or missing.
// Call it before the work whose result the file gets.
func checkOutput(flag, path string, inputs []string, kinds ...outputKind) error {
	err := outputError(path, inputs, kinds)
	if err == nil {
		return nil
	}
	return usageError{errors.WithMessagef(err, "--%s %s", flag, shellWord(path))}
}

func outputError(path string, inputs []string, kinds []outputKind) error {
	kind, known := outputKind{}, false
	var endings []string
	for _, k := range kinds {
		if strings.EqualFold(filepath.Ext(path), k.ending) {
			kind, known = k, true
		}
		endings = append(endings, k.ending)
	}
	if !known {
		return errors.Errorf("want a name that ends in %s", strings.Join(endings, " or "))
	}
	if folder, err := os.Stat(filepath.Dir(path)); err != nil || !folder.IsDir() {
		return errors.Errorf("there is no folder %s", filepath.Dir(path))
	}
	there, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return errors.New("the file that is there cannot be read")
	}
	for _, input := range inputs {
		if info, err := os.Stat(input); input != "-" && err == nil && os.SameFile(info, there) {
			return errors.Errorf("that is %s, which is read: want another file", input)
		}
	}
	if !there.Mode().IsRegular() {
		return errors.New("that is no file: want a new file, or one to be replaced")
	}
	content, err := firstMegabyte(path)
	if err != nil {
		return errors.New("the file that is there cannot be read")
	}
	if len(content) > 0 && !kind.is(content) {
		return errors.Errorf("the file that is there is not %s, and is not replaced: want another name",
			kind.name)
	}
	return nil
}

// freeName returns the first of NAME.END, NAME-2.END, NAME-3.END and so on that is free.
func freeName(name, ending string) string {
	free := name + ending
	for n := 2; existing(free) != ""; n++ {
		free = fmt.Sprintf("%s-%d%s", name, n, ending)
	}
	return free
}

// outputMegabyte is how much of a file is read to see what it is.
const outputMegabyte = 1 << 20

func firstMegabyte(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, outputMegabyte))
	return content, errors.WithStack(err)
}
