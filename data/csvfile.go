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
	"unicode/utf8"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
)

// csvFile is a file of comma-separated values at its first row. It is read row by row.
type csvFile struct {
	header []string
	in     *rowReader
	rows   *csv.Reader
	closer io.Closer
	cells  []string // of a row; valid until the next one
}

// maxRow is the most bytes that a row may take. A compressed file of some kilobytes can hold any number of
// them. Tests lower it.
var maxRow = 16 << 20

// rowReader fails when one row takes more than there is left for it.
type rowReader struct {
	io.Reader
	left int
}

func (r *rowReader) Read(to []byte) (int, error) {
	if r.left < 0 {
		return 0, errors.Errorf("a row of more than %s, the limit: is a quotation mark not closed?",
			inBytes(float64(maxRow)))
	}
	n, err := r.Reader.Read(to)
	r.left -= n
	return n, err
}

// unzipped is gzip data, whose errors say what is wrong with the file.
type unzipped struct{ *gzip.Reader }

func (u unzipped) Read(to []byte) (int, error) {
	n, err := u.Reader.Read(to)
	switch {
	case errors.Is(err, gzip.ErrHeader):
		err = errors.New("gzip: behind the compressed text stands something else: the file is damaged or was " +
			"added to, want it compressed anew")
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("gzip: the file is cut short, or something was added at its end: want another copy " +
			"of it")
	case err != nil && err != io.EOF:
		err = errors.Errorf("%v: the file is damaged, want another copy of it", err)
	}
	return n, err
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
		text, err := gzip.NewReader(in)
		if err != nil {
			return nil, errors.Errorf("%v: the file is damaged, want another copy of it", err)
		}
		in = bufio.NewReaderSize(unzipped{text}, 1<<16)
	}
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		_, _ = in.Discard(3)
	}
	start, err := in.Peek(1 << 16)
	if len(start) == 0 && err != nil && err != io.EOF {
		return nil, err
	}
	if err := checkCSVText(start); err != nil {
		return nil, err
	}
	line, _, _ := bytes.Cut(start, []byte("\n"))
	c := &csvFile{in: &rowReader{Reader: in}}
	c.rows = csv.NewReader(c.in)
	c.rows.ReuseRecord = true
	if !bytes.ContainsRune(line, ',') {
		switch {
		case bytes.ContainsRune(line, ';'):
			c.rows.Comma = ';'
		case bytes.ContainsRune(line, '\t'):
			c.rows.Comma = '\t'
		}
	}
	header, err := c.read()
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

// checkCSVText returns an error unless a file begins as a text of comma-separated values can.
func checkCSVText(start []byte) error {
	zeros := bytes.Count(start, []byte{0})
	text := isText(bytes.ReplaceAll(start, []byte{0}, nil))
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")),
		text && 4*zeros >= len(start) && zeros > 0: // half of the bytes of English are 0
		return errors.New("the file is text in UTF-16, want UTF-8: in Excel save it as \"CSV UTF-8\"; " +
			"elsewhere iconv -f UTF-16 -t UTF-8 OLD.csv > NEW.csv")
	case text && zeros > 0:
		line := 1 + bytes.Count(start[:bytes.IndexByte(start, 0)], []byte{'\n'})
		return errors.Errorf("line %d has a byte 0, want text: the file may be damaged", line)
	case !beginsAsUTF8(start) && isText(bytes.ToValidUTF8(start, []byte("?"))):
		return errNoUTF8("the file")
	case !isText(start) && len(start) > 0:
		return errors.Errorf("want a text of comma-separated values, the file is %s", looksLike(start))
	case bytes.ContainsRune(start, '\r') && !bytes.ContainsRune(start, '\n'):
		return errors.New("the lines end with CR alone, as on old Macintoshes, want LF or CR LF: " +
			"tr '\\r' '\\n' < OLD.csv > NEW.csv")
	}
	return nil
}

// beginsAsUTF8 reports whether bytes are a beginning of a text in UTF-8, which may end within a character.
func beginsAsUTF8(start []byte) bool {
	for range min(utf8.UTFMax, len(start)) {
		if utf8.Valid(start) {
			return true
		}
		start = start[:len(start)-1]
	}
	return len(start) == 0
}

// errNoUTF8 says that a text is in another encoding.
func errNoUTF8(what string) error {
	return errors.Errorf("%s is text, but not in UTF-8: save it as that; if it is Latin-1, "+
		"iconv -f LATIN1 -t UTF-8 OLD.csv > NEW.csv", what)
}

// read reads a row.
func (c *csvFile) read() ([]string, error) {
	c.in.left = maxRow
	return c.rows.Read()
}

// next reads the next row, and reports whether there is one.
func (c *csvFile) next() (bool, error) {
	var err error
	before := c.line()
	c.cells, err = c.read()
	if err == io.EOF {
		return false, nil
	}
	if errors.Is(err, csv.ErrFieldCount) {
		return false, errors.Errorf("%s: %s, want %d as in the first line", c.line(),
			words.Count(len(c.cells), "cell"),
			len(c.header))
	}
	if err != nil && c.in.left < 0 {
		return false, errors.WithMessagef(err, "behind %s", before)
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
