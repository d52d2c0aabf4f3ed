package rundir

import (
	"io"
	"io/fs"
	"os"

	"github.com/pkg/errors"
)

// What is read of the files of a run that somebody else may have written, in bytes.
const (
	longestConfig = 1 << 20
	longestJSON   = 16 << 20
)

// OpenIn opens a file below a root, by its path with slashes, and returns what it is. It returns an error if
// it is no regular file, which a program would wait for (a FIFO) or never read to its end (a device), or if a
// link leads out of the root.
func OpenIn(root *os.Root, name string) (*os.File, fs.FileInfo, error) {
	info, err := root.Stat(name) // before it is opened, which waits for the writer of a FIFO
	if err == nil && !info.Mode().IsRegular() {
		err = errors.Errorf("%s is no regular file", name)
	}
	if err != nil {
		return nil, nil, errors.WithStack(err)
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, nil, errors.WithStack(err)
	}
	if info, err = file.Stat(); err == nil && !info.Mode().IsRegular() { // another one by now
		err = errors.Errorf("%s is no regular file", name)
	}
	if err != nil {
		file.Close()
		return nil, nil, errors.WithStack(err)
	}
	return file, info, nil
}

// readIn reads a regular file of at most that many bytes.
func readIn(root *os.Root, name string, most int64) ([]byte, error) {
	file, _, err := OpenIn(root, name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(text)) > most {
		err = errors.Errorf("%s has more than %d bytes, want at most that", name, most)
	}
	return text, errors.WithStack(err)
}

// ReadConfigIn is ReadConfig of a file below a root, as OpenIn opens it, of at most 1 MiB.
func ReadConfigIn(root *os.Root, name string) ([]byte, error) {
	text, err := readIn(root, name, longestConfig)
	if err != nil {
		return nil, err
	}
	text, _, err = unseal(name, restoreIt, text)
	return text, err
}

// ReadJSONIn is ReadJSON of a file below a root, as OpenIn opens it, of at most 16 MiB.
func ReadJSONIn(root *os.Root, name, advice string, value any) error {
	text, err := readIn(root, name, longestJSON)
	if err != nil {
		return err
	}
	return decodeJSON(name, advice, text, value)
}
