// Package qasm writes circuits as OpenQASM 2 and 3, and reads them.
//
//	err := qasm.Write(os.Stdout, c.Bind(theta, nil), 3)
//	c, err := qasm.Parse(file)
//
// The names of gates stand in the rows of the gate table; docs/gates.md lists them.
package qasm
