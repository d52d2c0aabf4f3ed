package gorgonia

import (
	"strings"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
)

// Grad is gorgonia.Grad with an error for its panics, as for an operation that says it has a gradient and
// gives none.
func Grad(cost *G.Node, wrt ...*G.Node) (grads G.Nodes, err error) {
	defer recoverTo(&err, "differentiate the graph")
	return G.Grad(cost, wrt...)
}

// recoverTo makes an error of a panic of Gorgonia's.
func recoverTo(err *error, doing string) {
	if r := recover(); r != nil {
		*err = errors.Errorf("%s: Gorgonia panics: %v", doing, r)
	}
}

// NodeError returns the error of the node that failed, without what a machine says of itself around it: "PC
// 71. Failed to execute instruction …: Failed to carry op.Do(): ". Gorgonia's own error type does not unwrap,
// so errors.As finds nothing in a machine's error; in this one it does.
//
// Fallback: an error that does not begin in this way is returned as it is.
func NodeError(err error) error {
	for inner := err; inner != nil; {
		text := inner.Error()
		if !strings.HasPrefix(text, "PC ") && !strings.HasPrefix(text, "Failed to carry ") {
			return inner
		}
		if machine, ok := inner.(interface{ Err() error }); ok {
			inner = machine.Err()
		} else {
			inner = errors.Unwrap(inner)
		}
	}
	return err
}
