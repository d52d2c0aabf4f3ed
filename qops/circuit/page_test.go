package circuit_test

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

const pageHead = `# Circuits

Building, drawing, exporting and preparing circuits with package ` + "`qops/circuit`" + `. Every output on this page comes from an example that the tests run;
the page is written by ` + "`go test ./qops/circuit -run TestPage -update`" + `. All gates stand in [gates.md](gates.md).
`

// TestPage holds docs/circuits.md against the examples of the guide: their comments, code and output.
func TestPage(t *testing.T) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "guide_test.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	page.WriteString(pageHead)
	examples := map[string]*doc.Example{}
	for _, e := range doc.Examples(file) {
		examples["Example"+e.Name] = e
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		e := examples[f.Name.Name]
		if e == nil {
			t.Fatalf("%s is no example", f.Name.Name)
		}
		var code bytes.Buffer
		if err := format.Node(&code, files, e.Code); err != nil {
			t.Fatal(err)
		}
		body := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(code.String(), "{\n"), "\n}"), "\n\t", "\n")
		title := strings.TrimPrefix(e.Name, "_")
		page.WriteString("\n## " + strings.ToUpper(title[:1]) + title[1:] + "\n\n" + e.Doc + "\n```go\n" + strings.TrimSpace(body) + "\n```\n\n```text\n" + e.Output + "```\n")
	}
	golden(t, "../../docs/circuits.md", page.String())
}
