package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// csvFile is a file of comma-separated values at its first row. It is read row by row.
type csvFile struct {
	header []string
	rows   *csv.Reader
	closer io.Closer
	cells  []string // of a row; valid until the next one
}

// openCSV opens a file, which may be compressed by gzip.
func openCSV(path string) (*csvFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	c, err := readCSV(file)
	if err != nil {
		file.Close()
		return nil, errors.WithMessage(err, path)
	}
	c.closer = file
	return c, nil
}

// readCSV reads the header. The cells of a row are divided by commas, or by semicolons or tabs if the header
// has no comma.
func readCSV(r io.Reader) (*csvFile, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := in.Peek(2); isGzip(magic) {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		in = bufio.NewReaderSize(unzipped, 1<<16)
	}
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		_, _ = in.Discard(3)
	}
	start, _ := in.Peek(1 << 16)
	if !isText(start) {
		return nil, errors.Errorf("want a text of comma-separated values, the file is %s", looksLike(start))
	}
	line, _, _ := bytes.Cut(start, []byte("\n"))
	c := &csvFile{rows: csv.NewReader(in)}
	c.rows.ReuseRecord = true
	if !bytes.ContainsRune(line, ',') {
		switch {
		case bytes.ContainsRune(line, ';'):
			c.rows.Comma = ';'
		case bytes.ContainsRune(line, '\t'):
			c.rows.Comma = '\t'
		}
	}
	header, err := c.rows.Read()
	if err == io.EOF {
		return nil, errors.New("the file is empty, want a line with the names of the columns, and rows")
	}
	if err != nil {
		return nil, errors.WithStack(err)
	}
	for i, name := range header {
		header[i] = strings.TrimSpace(name)
		if _, isNumber := numberOf(header[i]); isNumber {
			return nil, errors.Errorf("the first line holds the number %s, want the names of the columns "+
				"there", header[i])
		}
		if header[i] == "" || slices.Contains(header[:i], header[i]) {
			return nil, errors.Errorf("column %d of the first line is called %q, want another name for each", i+1,
				header[i])
		}
	}
	c.header = slices.Clone(header)
	return c, nil
}

// next reads the next row, and reports whether there is one.
func (c *csvFile) next() (bool, error) {
	var err error
	c.cells, err = c.rows.Read()
	if err == io.EOF {
		return false, nil
	}
	if errors.Is(err, csv.ErrFieldCount) {
		return false, errors.Errorf("%s: %d cells, want %d as in the first line", c.line(), len(c.cells),
			len(c.header))
	}
	return err == nil, errors.WithStack(err)
}

// line says which line of the file the row begins in.
func (c *csvFile) line() string {
	line := 0
	if len(c.cells) > 0 {
		line, _ = c.rows.FieldPos(0)
	}
	return "line " + number(float64(line))
}

func (c *csvFile) close() {
	if c.closer != nil {
		c.closer.Close()
	}
}
