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

const pageTail = `
## What is read

Both languages are read as their specifications say (in version 2, an if on a single bit too), each with its own names, constants,
keywords and operators. Tried
on files of public repositories, none of which is in this one:

| files | read | with Strict | not read |
|---|---|---|---|
| QASMBench, small and medium, with the transpiled ones | 125 of 127 | 118 | hhl_n10 and its transpiled form measure a register that they do not declare, and have several |
| QASMBench, large, as far as files are below 4 MiB | 106 of 107 | 106 | QAOA_3SAT_N1000_p1 has ` + "`cx qr[325],qr[325]`" + ` |
| Qiskit, test/benchmarks and test/python | 37 of 39 | 36 | example_fail (no semicolon) and example_minor_version_fail (OpenQASM 2.6) are meant to fail |
| pytket, examples | 19 of 19 | 18 | |
| the OpenQASM 3 specification, examples | 12 of 21 | 10 | arrays (index 4 of 4), cphase (q is not declared), dd (the gate u is not declared), msd (index 3 of 3): the files are wrong. gateteleport, scqec, vqe: extern functions, vqe also a gate that takes a register. ipe: an angle that depends on measured bits. t1: a counter that depends on measured bits |

**What programs in use leave out is taken for granted, with a note**; this is so on purpose, and stays so. Six programs of
QASMBench, vqe_uccsd of 4, 6 and 8 qubits and their transpiled forms, measure a register q that they do not declare.
Where a program of version 2 declares one register of qubits, the one that it measures is taken to be that. Others lack
the OPENQASM line, or name the library of the other version. The Notes of a circuit.Dynamic say so with the line, and
hqvit circuit prints them. The strict reading refuses each program that has a note, with the note as the error:
` + "`qasm.Options{Strict: true}`, `hqvit circuit FILE.qasm --strict`" + `. Without the leniency about registers alone, 119 of the 127
files would be read.

All of version 2 that are unitaries of up to 20 qubits, up to 171,482 gates, equal an independent simulator, which takes
every gate apart by the text of qelib1.inc, with a fidelity within 1e-11; counts of those with measurements in the middle
that were tried (up to 11 qubits) agree with exact probabilities within five standard errors. The npm package quantum-circuit reads what is written as
version 2, with the same states.

What cannot be read, each with an error that names the line:

| | |
|---|---|
| files to include, but for qelib1.inc and stdgates.inc | the reader has the text alone |
| calls of extern functions | the program does not say what they do; their declarations are read |
| integers, angles and other variables that depend on measured bits | only bits do, and what is computed of bits |
| break, continue, return and end under a condition on measured bits | |
| inputs of type int, uint, bool and array without a value | what they decide is carried out while reading; Options.Inputs and --input give values. Without one, float and angle become angles of gates, bit becomes bits that begin as 0 |
| complex numbers | |
| integers beyond 63 bits and a sign | the error names the operation and its line; a real number is as large as a float64 |
| an empty file, or one of comments alone | a header alone is a program of no qubits: it can be read and written, but not run |
| more than 262,144 gates; of a file of over 1 MiB, more than one for each 4 bytes | loops and definitions are carried out while reading, and count before they are stored. Elements of arrays, terms of conditions, operands and bits of variables count as parts of a gate or more. What a few lines ask for is refused within 150 MB |
| more than 4,194,304 statements and turns of loops, 131,072 qubits, 131,072 bits, and 64 MiB | |

Left out, with a note: delays, calibrations (cal, defcal); without one: pragmas, annotations, global phases.
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
	golden(t, "../../docs/circuits.md", page.String()+pageTail)
}
