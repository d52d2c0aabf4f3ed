package circuit

import (
	"fmt"
	"io"
	"strings"
)

//go:generate go run ./gendocs ../../docs/gates.md

const referenceHead = `# Gates

Generated from the gate table by ` + "`go generate ./qops/circuit`" + `; do not edit.

Angles are in radians. The first qubit of a gate is the most significant bit of its matrix index. *Real* gates keep real states real.
An empty OpenQASM name means that the exporter writes the gate's definition. A gate of one angle is exp(−iaG) for its generator G.

| gate | qubits | angles | real | OpenQASM 2 | OpenQASM 3 | symbol | what it does |
|---|---|---|---|---|---|---|---|
`

const referenceTail = `
Every gate takes any number of further controls (` + "`Control`, `MCX`, `MCZ`" + `), and circuits have ` + "`Adjoint` and `Controlled`" + `.
Gates made to order:

| builder | what it does |
|---|---|
| ` + "`PauliRotation(\"XYZ\", θ, q…)`" + ` | exp(−iθP/2) for any string of I, X, Y, Z |
| ` + "`Diagonal(d, q…)`" + ` | diag(d) for entries of modulus 1 |
| ` + "`Unitary(m, q…)`" + ` | a matrix, checked to be unitary |
| ` + "`Evolution(G, a, q…)`" + ` | exp(−iaG) for a matrix, checked to be Hermitian |
`

// WriteTable writes the gate table as Markdown: the page docs/gates.md.
func WriteTable(w io.Writer) error {
	if _, err := io.WriteString(w, referenceHead); err != nil {
		return err
	}
	for _, k := range Table() {
		isReal := ""
		if k.Real {
			isReal = "yes"
		}
		if _, err := fmt.Fprintf(w, "| %s | %d | %d | %s | %s | %s | %s | %s |\n",
			k.Name, k.Qubits, k.Angles, isReal, k.QASM2, k.QASM3, k.Symbol, strings.ReplaceAll(k.Help, "|", `\|`)); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, referenceTail)
	return err
}
