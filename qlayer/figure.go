package qlayer

import (
	"fmt"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops/circuit"
)

// Figure is the circuit that a layer of a graph stands for. Every layer of this package leaves one in its
// Scope, so that a model can be drawn, counted and exported without being built a second time:
//
//	for _, f := range qlayer.Figures(scope) {
//		fmt.Println(f.Layer, f.Legend())
//		fmt.Print(f.Circuit)
//	}
type Figure struct {
	Layer     string           // path of its Scope
	Circuit   *circuit.Circuit // from |0…0⟩ on, or from the amplitudes of the encoded state
	Registers []Register       // what the qubits are, from qubit 0 on
	Heads     int              // circuits of this form, each with a row of angles; at least 1

	// Query and Key are the circuits that a SWAP test compares, whose angles are those of Circuit, the
	// query's first; nil for any other figure.
	Query, Key *circuit.Circuit

	// Runs is how many such circuits, each with shots of its own, a device runs for one head and one row of the
	// batch, such as one for each token or each pair of them; 0 means 1.
	Runs int
	// Loads is the sizes of the registers that begin in amplitudes of the input, which Circuit does not prepare.
	Loads []int

	theta []string // full names of the parameters whose angles it takes, one after the other
}

// Register is what some neighbouring qubits are for.
type Register struct {
	Name   string
	Qubits int
}

// register returns n qubits from first on.
func register(first, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = first + i
	}
	return out
}

// Figures returns what the layers of the Scope's graph left, in their order.
func Figures(s *nn.Scope) (out []Figure) {
	for _, f := range s.Figures() {
		if figure, ok := f.Value.(Figure); ok {
			figure.Layer = f.Path
			out = append(out, figure)
		}
	}
	return out
}

// Legend says what the qubits are: "q0 ancilla, q1-q4 index of the query".
func (f Figure) Legend() string {
	first := 0
	var words []string
	for _, r := range f.Registers {
		switch r.Qubits {
		case 0:
		case 1:
			words = append(words, fmt.Sprintf("q%d %s", first, r.Name))
		default:
			words = append(words, fmt.Sprintf("q%d-q%d %s", first, first+r.Qubits-1, r.Name))
		}
		first += r.Qubits
	}
	return strings.Join(words, ", ")
}

// Drawing returns how to draw the figure with these angles, nil for their names: with its registers, and
// without the qubits that have no gate.
func (f Figure) Drawing(theta []float64) circuit.DrawOptions {
	o := circuit.DrawOptions{Theta: theta, OmitIdle: true}
	for _, r := range f.Registers {
		for range r.Qubits {
			o.Registers = append(o.Registers, r.Name)
		}
	}
	return o
}

// Theta returns the angles of a head in radians, as they are in the Store: what Circuit.Bind takes. It
// returns an error if there is no such head, or the Store does not have the layer's parameters.
func (f Figure) Theta(st *nn.Store, head int) ([]float64, error) {
	if head < 0 || head >= f.Heads {
		return nil, errors.Errorf("head %d, want one in [0,%d)", head, f.Heads)
	}
	if st == nil || f.Circuit == nil {
		return nil, errors.New("want a Store, and a Figure of qlayer.Figures, got nil")
	}
	theta := []float64{}
	for _, name := range f.theta {
		p := st.Param(name)
		if p == nil {
			return nil, errors.Errorf("no parameter %s", name)
		}
		values := p.Values()
		perHead := len(values) / f.Heads
		theta = append(theta, values[head*perHead:(head+1)*perHead]...)
	}
	if len(theta) != f.Circuit.NumTheta() {
		return nil, errors.Errorf("%d angles in %s, the circuit takes %d",
			len(theta), strings.Join(f.theta, ", "), f.Circuit.NumTheta())
	}
	return theta, nil
}

// show leaves the figure of the layer whose angles are the parameters of those relative names, less those it
// does not have.
func show(s *nn.Scope, f Figure, theta ...string) {
	f.Heads = max(1, f.Heads)
	if f.Circuit.NumTheta() > 0 {
		for _, name := range theta {
			if s.Path() != "" {
				name = s.Path() + "." + name
			}
			f.theta = append(f.theta, name)
		}
	}
	s.Figure(f)
}
