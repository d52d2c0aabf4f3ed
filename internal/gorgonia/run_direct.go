//go:build !cuda && !hqvit_runall

package gorgonia

import (
	"reflect"
	"unsafe"

	G "gorgonia.org/gorgonia"
)

// runall is what RunAll starts on its second goroutine: the machine's loop over its instructions. It ends by
// sending one value on one of the two channels. Gorgonia v0.9.18 has it; for a version that has not, build
// with -tags hqvit_runall.
//
//go:linkname runall gorgonia.org/gorgonia.(*tapeMachine).runall
func runall(machine unsafe.Pointer, failed chan error, done chan struct{})

// directRun returns the function that runs a machine's instructions on the calling goroutine.
func directRun(vm G.VM) func() error {
	machine := reflect.ValueOf(vm).UnsafePointer()
	failed, done := make(chan error, 1), make(chan struct{}, 1)
	return func() error {
		runall(machine, failed, done)
		select {
		case err := <-failed:
			return err
		case <-done:
			return nil
		}
	}
}
