package archtest

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestExportedNamesAreDocumented: go doc is the manual, so that each exported name of a public package has a
// sentence, which begins with it.
func TestExportedNamesAreDocumented(t *testing.T) {
	names := 0
	for pkg := range allowed {
		if strings.HasPrefix(pkg, "internal/") || pkg == "cmd" || pkg == "examples" ||
			strings.HasSuffix(pkg, "/gendocs") {
			continue
		}
		d := docOf(t, pkg)
		if d.Doc == "" {
			t.Errorf("package %s has no comment", pkg)
		}
		documented := func(name, text string) {
			names++
			if !strings.HasPrefix(text, name+" ") && !strings.HasPrefix(text, name+",") {
				t.Errorf("%s.%s: the comment does not begin with the name: %.60q", pkg, name, text)
			}
		}
		functions := d.Funcs
		for _, typ := range d.Types {
			documented(typ.Name, typ.Doc)
			functions = append(append(functions, typ.Funcs...), typ.Methods...)
			values(t, pkg, append(typ.Consts, typ.Vars...), &names)
		}
		for _, f := range functions {
			documented(f.Name, f.Doc)
		}
		values(t, pkg, append(d.Consts, d.Vars...), &names)
	}
	if names < 300 {
		t.Errorf("only %d names seen: the test looks in the wrong place", names)
	}
}

func docOf(t *testing.T, pkg string) *doc.Package {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(pkg), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	d, err := doc.NewFromFiles(set, files, module+pkg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// values wants a comment on a group of constants or variables, or on each of it.
func values(t *testing.T, pkg string, groups []*doc.Value, names *int) {
	t.Helper()
	for _, group := range groups {
		for _, spec := range group.Decl.Specs {
			v := spec.(*ast.ValueSpec)
			*names++
			if group.Doc == "" && v.Doc.Text() == "" && v.Comment.Text() == "" && len(v.Values) > 0 {
				t.Errorf("%s.%s has no comment", pkg, v.Names[0].Name)
			}
		}
	}
}
