// Package qasm writes circuits as OpenQASM 2 and 3, and reads them.
//
//	err := qasm.Write(os.Stdout, c.Bind(theta, nil), 3)
//	c, err := qasm.Parse(file)         // a unitary
//	d, err := qasm.ParseDynamic(file)  // any program
//	c, err := qasm.Options{Inputs: map[string]string{"theta": "pi/4"}}.Parse(file)
//
// The names of gates stand in the rows of the gate table; docs/gates.md lists them, and docs/circuits.md says
// what is read.
//
// A program is read statement by statement: lexer.go makes tokens, parse_*.go nodes of ast.go, and exec.go
// carries them out, with what is known in value.go and scope.go, within the limits of limit.go. What depends
// on measured bits stays in a circuit.Dynamic.
package qasm
