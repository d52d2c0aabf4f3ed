package statevec

import (
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// checkCircuit returns the circuit's own error, or one if it is nil or has no qubits.
func checkCircuit(c *circuit.Circuit) error {
	if c == nil {
		return errors.New("statevec: circuit is nil")
	}
	if err := c.Err(); err != nil {
		return errors.WithMessage(err, "statevec")
	}
	return checkNumQubits(c.Qubits())
}

// checkNumQubits returns an error unless n is that of a circuit.
func checkNumQubits(n int) error {
	if n < 1 || n > maxQubits {
		return errors.Errorf("statevec: want 1 to %d qubits, got %d", maxQubits, n)
	}
	return nil
}

// checkQubits returns an error unless n is that of a circuit and the qubits are different ones of n.
func checkQubits(n int, qubits []int) error {
	if err := checkNumQubits(n); err != nil {
		return err
	}
	seen := 0
	for _, q := range qubits {
		if q < 0 || q >= n {
			return errors.Errorf("statevec: qubit %d out of range [0,%d)", q, n)
		}
		if seen&(1<<q) != 0 {
			return errors.Errorf("statevec: qubit %d is given twice", q)
		}
		seen |= 1 << q
	}
	return nil
}

func checkLength(what string, got, want int) error {
	if got == want {
		return nil
	}
	return errors.Errorf("statevec: want %s of %d numbers, got %d", what, want, got)
}

// checkOptional is checkLength for a slice that may be nil.
func checkOptional[T any](what string, got []T, want int) error {
	if got == nil {
		return nil
	}
	return checkLength(what, len(got), want)
}

// maxNumbers bounds rows times numbers of a row, 8 TiB in float64, so that no product of sizes overflows.
const maxNumbers = 1 << 40

// checkRows returns an error unless there are at least so many rows, and not too many for their width.
func checkRows(rows, least, width int) error {
	if rows < least {
		return errors.Errorf("statevec: want %d or more rows, got %d", least, rows)
	}
	if rows > maxNumbers/max(1, width) {
		return errors.Errorf("statevec: want fewer rows, got %d of %d numbers each", rows, width)
	}
	return nil
}

// checkFinite returns an error for the first angle that is NaN or infinite, which gates would spread over a
// whole state.
func checkFinite[T Float](what string, angles []T) error {
	for i, a := range angles {
		if a-a != 0 {
			return errors.Errorf("statevec: %s %d is %v, want a finite angle", what, i, a)
		}
	}
	return nil
}

// rowOf returns the i-th row of so many numbers.
func rowOf[T any](x []T, i, width int) []T { return x[i*width : (i+1)*width] }

// resized returns n numbers of any value, x itself if it has room for them.
func resized[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}

// zeros returns n zeros, x itself if it has room for them.
func zeros[T any](x []T, n int) []T {
	x = resized(x, n)
	clear(x)
	return x
}
