package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// file is a file of an archive.
type file struct {
	name    string
	mode    fs.FileMode
	content []byte
}

// packTar returns a .tar.gz of files in a folder, in the order of their names, without owners and with one
// time.
func packTar(folder string, at time.Time, files []file) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression) // its header has neither name nor time
	if err != nil {
		return nil, errors.WithStack(err)
	}
	w := tar.NewWriter(z)
	for _, f := range sorted(files) {
		header := &tar.Header{Name: folder + "/" + f.name, Mode: int64(f.mode), Size: int64(len(f.content)),
			ModTime: at, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(header); err != nil {
			return nil, errors.WithStack(err)
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, errors.WithStack(err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, errors.WithStack(err)
	}
	if err := z.Close(); err != nil {
		return nil, errors.WithStack(err)
	}
	return out.Bytes(), nil
}

// packZip returns a .zip of files in a folder, as packTar does.
func packZip(folder string, at time.Time, files []file) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(to, flate.BestCompression)
	})
	for _, f := range sorted(files) {
		header := &zip.FileHeader{Name: folder + "/" + f.name, Method: zip.Deflate, Modified: at}
		header.SetMode(f.mode)
		entry, err := w.CreateHeader(header)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		if _, err := entry.Write(f.content); err != nil {
			return nil, errors.WithStack(err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, errors.WithStack(err)
	}
	return out.Bytes(), nil
}

func sorted(files []file) []file {
	return slices.SortedFunc(slices.Values(files), func(a,
		b file) int {
		return strings.Compare(a.name, b.name)
	})
}

// licenceFile matches the names of files with a licence or what it obliges to hand on.
var licenceFile = regexp.MustCompile(
	`(?i)^(licen[cs]e|copying|notice|copyright|unlicense|patents)([-._].*)?$`)

// licencesOf returns the licences of all modules that are linked into the program, and of Go. It returns an
// error for a module that has none.
func licencesOf(env []string) ([]byte, error) {
	text, err := output(env, "go", "list", "-deps", "-json=Module,Standard", "./cmd/hqvit")
	if err != nil {
		return nil, err
	}
	type goModule struct {
		Path, Version, Dir string
		Main               bool
	}
	modules := map[string]goModule{}
	for d := json.NewDecoder(strings.NewReader(text)); ; {
		var p struct{ Module *goModule }
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, errors.WithStack(err)
		}
		if p.Module != nil && !p.Module.Main {
			modules[p.Module.Path] = *p.Module
		}
	}
	root, err := output(env, "go", "env", "GOROOT", "GOVERSION")
	if err != nil {
		return nil, err
	}
	goRoot, goVersion, _ := strings.Cut(strings.TrimSpace(root), "\n")
	modules["go.dev"] = goModule{Path: "The Go standard library", Version: goVersion, Dir: goRoot}
	var out bytes.Buffer
	out.WriteString("The program hqvit contains these modules, under the licences that follow.\n")
	paths := make([]string, 0, len(modules))
	for path := range modules {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		m := modules[path]
		entries, err := os.ReadDir(m.Dir)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		found := false
		for _, entry := range entries {
			if entry.IsDir() || !licenceFile.MatchString(entry.Name()) || strings.HasSuffix(entry.Name(), ".go") {
				continue
			}
			licence, err := os.ReadFile(filepath.Join(m.Dir, entry.Name()))
			if err != nil {
				return nil, errors.WithStack(err)
			}
			found = true
			out.WriteString("\n" + strings.Repeat("=", 80) + "\n" + m.Path + " " + m.Version + ": " +
				entry.Name() + "\n\n")
			out.Write(bytes.ReplaceAll(bytes.TrimSpace(licence), []byte("\r\n"), []byte("\n")))
			out.WriteString("\n")
		}
		if !found {
			return nil, errors.Errorf("module %s has no licence file: see to it before a release", path)
		}
	}
	return out.Bytes(), nil
}
