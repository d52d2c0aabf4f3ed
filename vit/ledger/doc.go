// Package ledger counts what quantum attention costs on a device: qubits, gates, angles and runs, beside the flops of the classical computation.
//
//	l, err := ledger.Of(config, ledger.Precision{Absolute: 0.01, Relative: 0.1})
//
// Numbers are counted on circuits that are built, as far as these fit a circuit of this module (30 qubits); what is larger follows formulas that the tests hold
// against counted circuits. docs/resources.md reads the result.
package ledger
