package job

import (
	"fmt"
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Measure returns the job of the expectations of observables on the state that a circuit of numbers makes of
// |0…0⟩: a program for each group of Pauli strings that have one letter or I on each qubit, with the
// rotations into the basis of the group. The recommended shots are in proportion to the sum of the
// coefficients of a group. It returns an error for a circuit with free angles, observables that do not fit,
// and those of Whole.
func Measure(c *circuit.Circuit, observables []statevec.Observable, o Options) (*Job, error) {
	j, err := measure(c, observables, o)
	return j, errors.WithMessage(err, "job: Measure")
}

func measure(c *circuit.Circuit, observables []statevec.Observable, o Options) (*Job, error) {
	switch {
	case c == nil:
		return nil, errors.New("want a circuit, got nil")
	case c.Err() != nil:
		return nil, c.Err()
	case c.NumTheta()+c.NumData() > 0:
		return nil, errors.Errorf("want a circuit of numbers, got %d theta and %d data: bind them",
			c.NumTheta(),
			c.NumData())
	case o.Gradient:
		return nil, errors.New("want no gradient of observables: it is for a Head")
	}
	if o = o.filled(); o.Check() != nil {
		return nil, o.Check()
	}
	groups, constants, err := statevec.Groups(c.Qubits(), observables)
	if err != nil {
		return nil, err
	}
	if len(groups) > MaxPrograms {
		return nil, errors.Errorf("want at most %d groups of Pauli strings, got %d", MaxPrograms, len(groups))
	}
	j := newJob(Observables, o)
	j.Observables, j.Constants = len(observables), constants
	weights, total := make([]float64, len(groups)), 0.0
	for i, g := range groups {
		for _, t := range g.Terms {
			weights[i] += math.Abs(t.Coefficient)
		}
		total += weights[i]
	}
	for i, g := range groups {
		p := Program{Name: fmt.Sprintf("basis-%d", i), Purpose: "measures " + g.Basis,
			Shots: max(1, int(math.Round(float64(j.Shots)*weights[i]/total)))}
		turned, bit := circuit.New(c.Qubits()).Append(c), make([]int, c.Qubits())
		var qubits []int
		for q, letter := range g.Basis {
			switch letter {
			case 'I':
				continue
			case 'X':
				turned.H(q)
			case 'Y':
				turned.Sdg(q).H(q)
			}
			bit[q] = len(qubits)
			qubits = append(qubits, q)
			p.Bits = append(p.Bits, fmt.Sprintf("%c of qubit %d", letter, q))
		}
		for _, t := range g.Terms {
			term := Term{Observable: t.Observable, Coefficient: t.Coefficient, Pauli: t.Pauli}
			for q, letter := range t.Pauli {
				if letter != 'I' {
					term.Bits = append(term.Bits, bit[q])
				}
			}
			p.Terms = append(p.Terms, term)
		}
		compiled, first, last, err := o.compile(turned)
		if err != nil {
			return nil, err
		}
		for _, q := range qubits {
			p.Qubits = append(p.Qubits, last[q])
		}
		p.circuit, p.Layout = compiled, first
		j.Programs = append(j.Programs, p)
	}
	return j, nil
}
