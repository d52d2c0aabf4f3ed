package data

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// dataDir returns the data directory: the option, else the environment
// variable HQVIT_DATA, else hqvit in the user's cache directory.
func (o Options) dataDir() (string, error) {
	if o.Dir != "" {
		return o.Dir, nil
	}
	if dir := os.Getenv("HQVIT_DATA"); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", errors.Wrap(err, "no data directory: give one, or set HQVIT_DATA")
	}
	return filepath.Join(cache, "hqvit"), nil
}

// candidates returns the paths at which a file of a set may lie; without a data directory, those elsewhere.
func (d Info) candidates(f File, dataDir string) []string {
	var folders []string
	if d.places != nil {
		folders = d.places()
	}
	if dataDir != "" {
		folders = append(folders, filepath.Join(dataDir, d.Name), dataDir)
	}
	var paths []string
	for _, folder := range folders {
		paths = append(paths, filepath.Join(folder, f.Name))
		if f.Decoded && plain(f.Name) != f.Name {
			paths = append(paths, filepath.Join(folder, plain(f.Name)))
		}
	}
	return paths
}

// plain returns the name of a file without compression.
func plain(name string) string { return strings.TrimSuffix(name, ".gz") }

// find returns the content of the first candidate with the right digest, and
// its path. It needs no data directory for a set that lies elsewhere.
func (d Info) find(f File, o Options) (content []byte, path string, err error) {
	if d, err = d.owner(f); err != nil {
		return nil, "", err
	}
	dataDir, err := o.dataDir()
	folders := d.folders(f, dataDir)
	if len(folders) == 0 {
		return nil, "", err
	}
	if err == nil {
		err = errors.Errorf("%s is in none of %s", f.Name, strings.Join(folders, ", "))
	} else {
		err = errors.Errorf("%s is in none of %s, and there is %v", f.Name, strings.Join(folders, ", "), err)
	}
	for _, path := range d.candidates(f, dataDir) {
		content, readErr := f.read(path)
		if readErr == nil {
			return content, path, nil
		}
		if !errors.Is(readErr, os.ErrNotExist) {
			err = readErr
		}
	}
	return nil, "", err
}

// owner returns the set whose file it is.
func (d Info) owner(f File) (Info, error) {
	if f.Set == "" || f.Set == d.Name {
		return d, nil
	}
	return lookUp(f.Set)
}

func (d Info) folders(f File, dataDir string) []string {
	var folders []string
	for _, path := range d.candidates(f, dataDir) {
		if dir := filepath.Dir(path); len(folders) == 0 || folders[len(folders)-1] != dir {
			folders = append(folders, dir)
		}
	}
	return folders
}

// obtain returns the content of a file from where it lies, or else from a
// mirror after storing it in the data directory.
func (d Info) obtain(ctx context.Context, f File, o Options) (content []byte, path string, err error) {
	if d, err = d.owner(f); err != nil {
		return nil, "", err
	}
	content, path, err = d.find(f, o)
	if err == nil {
		o.log().Debug("data file", "path", path)
		return content, path, nil
	}
	dir, noDir := o.dataDir()
	if noDir != nil {
		return nil, "", err
	}
	path = filepath.Join(dir, d.Name, f.Name)
	if !o.NoDownload && len(f.URLs) > 0 {
		content, downloadErr := o.download(ctx, f, path)
		if downloadErr == nil {
			return content, path, nil
		}
		if ctx.Err() != nil {
			part := path + ".part"
			return nil, "", errors.WithMessagef(ctx.Err(),
				"%s: stopped after %d bytes, which are kept in %s; the next call continues from there",
				f.Name, size(part), part)
		}
		err = errors.Errorf("%v; download: %v", err, downloadErr)
	}
	return nil, "", errors.Errorf("%v; %s", err, d.byHand(f, path))
}

// byHand says how to put a file in place without a download.
func (d Info) byHand(f File, path string) string {
	of := ""
	if f.Decoded {
		of = " when decompressed"
	}
	if len(f.URLs) == 0 {
		return "there is no address to download it from: put the file (" + f.Digest + of + ") at " + path
	}
	return "to place the file by hand, copy " + strings.Join(f.URLs, " or ") + " (" + f.Digest + of +
		") to " + path
}

// read returns the content of a file at a path, decoded if the row says so.
// It returns an error if its digest is another.
func (f File) read(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	if f.Decoded {
		if content, err = gunzip(content); err != nil {
			return nil, errors.WithMessage(err, path)
		}
	}
	algorithm, want, _ := strings.Cut(f.Digest, ":")
	if got := digest(algorithm, content); got != want {
		return nil, errors.Errorf("%s: %s is %s, want %s", path, algorithm, got, want)
	}
	return content, nil
}

func digest(algorithm string, content []byte) string {
	var h hash.Hash
	if algorithm == "md5" {
		h = md5.New()
	} else {
		h = sha256.New()
	}
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}

// Status is what Verify found of one file.
type Status struct {
	File
	Path string // where it lies with the right digest; empty if nowhere
	Err  error  // why there is none; nil if there is one
}

// Verify checks the digests of all files of a listed set, without a
// download. It returns an error only if the name is unknown, or the context is
// done before all files are checked.
func Verify(ctx context.Context, name string, o Options) ([]Status, error) {
	if err := requireContext(ctx); err != nil {
		return nil, err
	}
	d, err := Describe(name)
	if err != nil {
		return nil, err
	}
	var all []Status
	for _, f := range d.Files {
		if err := ctx.Err(); err != nil {
			return nil, errors.WithMessagef(err, "data: %s: stopped before %s", name, f.Name)
		}
		_, path, err := d.find(f, o)
		all = append(all, Status{File: f, Path: path, Err: err})
	}
	return all, nil
}

// Fetch makes all files of a listed set available for Load, and downloads
// those that are missing into the data directory. It returns their paths.
func Fetch(ctx context.Context, name string, o Options) ([]string, error) {
	if err := requireContext(ctx); err != nil {
		return nil, err
	}
	d, err := Describe(name)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, f := range d.Files {
		_, path, err := d.obtain(ctx, f, o)
		if err != nil {
			return nil, errors.WithMessagef(err, "data: %s", name)
		}
		paths = append(paths, path)
	}
	return paths, nil
}
