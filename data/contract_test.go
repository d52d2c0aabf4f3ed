package data_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hqvit/hqvit/data"
)

// Nothing exported panics, hangs or accepts what is wrong, whatever the user hands in.
func TestWrongArgumentsGiveErrors(t *testing.T) {
	for _, name := range exported(t) {
		call := calls[name]
		if call == nil {
			t.Errorf("%s is exported and has no entry in the table of calls", name)
			continue
		}
		t.Run(name, func(t *testing.T) { rapid.Check(t, call) })
	}
}

// Options that are wrong for a folder that is there.
func TestWrongOptionsGiveErrors(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a/1.png", "b/1.png"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, pixel, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := data.Load(t.Context(), "folder:"+dir, data.Options{ValCount: -1}); err != nil {
		t.Fatal(err)
	}
	for _, o := range []data.Options{
		{Size: -1}, {Size: 5000}, {Channels: 2}, {Channels: -1}, {ValCount: 2}, {ValFraction: math.NaN()},
		{ValFraction: -1},
	} {
		if _, err := data.Load(t.Context(), "folder:"+dir, o); err == nil ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: error %v, want one line", o, err)
		}
	}
}

// pixel is a PNG of one grey pixel.
var pixel = []byte("\x89PNG\r\n\x1a\n" +
	"\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU" +
	"\x00\x00\x00\nIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82")

// exported returns the exported functions and methods of the package, a method with its type before it.
func exported(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, "data")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range p.Funcs {
		names = append(names, f.Name)
	}
	for _, typ := range p.Types {
		for _, f := range typ.Funcs {
			names = append(names, f.Name)
		}
		for _, m := range typ.Methods {
			names = append(names, typ.Name+"."+m.Name)
		}
	}
	if len(names) < 20 {
		t.Fatalf("only %d exported functions found: %v", len(names), names)
	}
	return names
}
