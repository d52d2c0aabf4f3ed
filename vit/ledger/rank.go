package ledger

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// maxRank is the largest number of qubits whose rank is counted: the matrix has 4^n entries, and so has each
// derivative.
const maxRank = 8

// Rank returns in how many directions the matrix of a circuit without inputs moves as its angles move: the
// rank of ∂U/∂θ at generic angles. More angles than that change nothing that the others do not.
//
// It is counted on central differences of all 4^n entries: singular values below 1e-5 of the largest are 0.
// It returns the circuit's own error, and one for a circuit with inputs, of more than 8 qubits, or nil.
func Rank(c *circuit.Circuit) (int, error) {
	if c == nil {
		return 0, errors.New("ledger: Rank: no circuit")
	}
	plan, err := statevec.Compile[float64](c)
	switch {
	case err != nil:
		return 0, err
	case c.NumData() > 0 || c.Qubits() > maxRank:
		return 0, errors.Errorf("ledger: Rank: %d qubits and %d inputs, want at most %d qubits and no inputs",
			c.Qubits(), c.NumData(), maxRank)
	case c.NumTheta() == 0:
		return 0, nil
	}
	const step = 1e-4
	dim, angles, exec := 1<<c.Qubits(), c.NumTheta(), plan.NewExecutor(1)
	columns := make([]float64, 2*dim*dim)
	for i := range dim {
		columns[2*(i*dim+i)] = 1
	}
	theta := generic(angles)
	for i := range theta {
		theta[i] *= 3 // around the circle
	}
	jacobian := mat.NewDense(angles, len(columns), nil)
	ahead, back := make([]float64, len(columns)), make([]float64, len(columns))
	for i, at := range theta {
		for _, side := range []struct {
			at  float64
			out []float64
		}{{at + step, ahead}, {at - step, back}} {
			theta[i] = side.at
			if err := exec.Apply(dim, theta, nil, columns, side.out); err != nil {
				return 0, err
			}
		}
		theta[i] = at
		row := jacobian.RawRowView(i)
		for j := range row {
			row[j] = (ahead[j] - back[j]) / (2 * step)
		}
	}
	var gram mat.SymDense
	gram.SymOuterK(1, jacobian) // its eigenvalues are the squares of the singular values
	var e mat.EigenSym
	if !e.Factorize(&gram, false) {
		return 0, errors.New("ledger: Rank: the singular values of the derivatives did not converge")
	}
	values, rank := e.Values(nil), 0
	for _, v := range values {
		if v > 1e-10*values[angles-1] {
			rank++
		}
	}
	return rank, nil
}
