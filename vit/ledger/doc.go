// Package ledger counts what quantum attention costs on a device: qubits, gates, angles and shots, beside the
// flops of the classical computation.
//
//	l, err := ledger.Of(config, ledger.Precision{Absolute: 0.01, Relative: 0.1})
//
// Numbers are counted on circuits that are built, as far as these fit a circuit of this module (30 qubits).
// What is larger follows formulas that the tests hold against counted circuits. docs/resources.md discusses
// the result.
package ledger
