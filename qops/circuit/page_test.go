package circuit_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

const pageHead = `# Circuits

Building, drawing, exporting and preparing circuits with package ` + "`qops/circuit`" + `. Every output on
this page comes from an example that the tests run; the page is written by ` +
	"`go test ./qops/circuit -run TestPage -update`" + `. [gates.md](gates.md) lists the gates.
`

// TestPage compares docs/circuits.md with the examples of the guide: their comments, code and output.
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
			t.Fatalf("%s is not an example", f.Name.Name)
		}
		var code bytes.Buffer
		if err := format.Node(&code, files, e.Code); err != nil {
			t.Fatal(err)
		}
		body := strings.TrimSuffix(strings.TrimPrefix(code.String(), "{\n"), "\n}")
		body = strings.TrimSpace(strings.ReplaceAll(body, "\n\t", "\n"))
		title := strings.ReplaceAll(strings.TrimPrefix(e.Name, "_"), "_", " ")
		title = strings.ToUpper(title[:1]) + title[1:]
		fmt.Fprintf(&page, "\n## %s\n\n%s\n```go\n%s\n```\n\n```text\n%s```\n", title, e.Doc, body, e.Output)
	}
	golden(t, "../../docs/circuits.md", page.String())
}
