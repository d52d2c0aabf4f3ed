package cli

import (
	"context"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/analysis"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// analysed is what circuit analyse finds: one of these.
type analysed struct {
	Circuits []circuitFigures `json:"circuits,omitempty"`
	Plateaus []ansatzPlateau  `json:"plateaus,omitempty"`
	Spectrum *inputSpectrum   `json:"spectrum,omitempty"`
	Learned  []learnedMatrix  `json:"learned,omitempty"`
}

// circuitFigures are the figures of one circuit.
type circuitFigures struct {
	Name   string `json:"name"`
	Layers int    `json:"layers,omitempty"`
	Qubits int    `json:"qubits"`
	Angles int    `json:"angles"`

	Expressibility analysis.Expressive `json:"expressibility"`
	Entanglement   analysis.Entangled  `json:"entanglement"`
	Fisher         *analysis.Fisher    `json:"fisher,omitempty"`    // of the state
	Effective      float64             `json:"effective_dimension"` // of the outcomes, for effectiveExamples
	Lie            int                 `json:"lie_dimension"`       // 0: above mostLie, or not counted
	Gradient       *analysis.Variances `json:"gradient,omitempty"`  // of the first cost
	Entropy        []analysis.Entropy  `json:"entropy,omitempty"`   // along the circuit
}

type ansatzPlateau struct {
	Name   string `json:"name"`
	Layers int    `json:"layers"`
	analysis.Plateau
}

type inputSpectrum struct {
	Input string `json:"input"`
	Pauli string `json:"pauli"`
	analysis.Spectrum
}

// learnedMatrix is W of a head.
type learnedMatrix struct {
	Layer string `json:"layer"`
	Head  int    `json:"head"`
	analysis.UnitaryFigures
}

const (
	effectiveExamples = 1000
	mostLie           = 1024
	mostLieQubits     = 6 // qubits of the algebra, and of the outcomes
)

// ansatzes analyses ansätze of the flags.
func (p program) ansatzes(ctx context.Context, f analyseFlags) (result analysed, err error) {
	chosen, err := f.chosen(p.names)
	if err != nil {
		return result, err
	}
	for _, a := range chosen {
		for _, layers := range f.layers {
			c, err := ansatzCircuit(a, layers, f.qubits)
			if err != nil {
				return result, err
			}
			row, err := f.figures(ctx, a.Name, layers, c)
			if err != nil {
				return result, errors.WithMessage(err, a.Name)
			}
			result.Circuits = append(result.Circuits, row)
		}
	}
	return result, nil
}

// ansatzCircuit returns an ansatz as a circuit.
func ansatzCircuit(a vit.Ansatz, layers, qubits int) (*circuit.Circuit, error) {
	made, err := a.Build(layers)
	if err != nil {
		return nil, err
	}
	c := made(qubits)
	if c == nil {
		return nil, errors.Errorf("ansatz %s makes no circuit of %s", a.Name, words.Count(qubits, "qubit"))
	}
	return c, errors.WithMessagef(c.Err(), "ansatz %s on %s", a.Name, words.Count(qubits, "qubit"))
}

// figures analyses one circuit.
func (f analyseFlags) figures(ctx context.Context, name string, layers int,
	c *circuit.Circuit) (circuitFigures, error) {
	row := circuitFigures{Name: name, Layers: layers, Qubits: c.Qubits(), Angles: c.NumTheta()}
	s := f.sampling()
	var err error
	row.Expressibility, err = analysis.Expressibility(ctx, c, s)
	row.Expressibility.Floor = randomExpressibility(row.Expressibility)
	if err != nil {
		return row, err
	}
	if row.Entanglement, err = analysis.EntanglingCapability(ctx, c, s); err != nil {
		return row, err
	}
	if c.NumTheta() == 0 {
		return row, nil
	}
	v, err := analysis.GradientVariance(ctx, c, analysis.Costs()[0], s)
	if err != nil {
		return row, err
	}
	row.Gradient = &v
	q, err := analysis.QuantumFisher(ctx, c, s)
	if err != nil {
		return row, err
	}
	row.Fisher = &q
	if c.Qubits() > mostLieQubits {
		return row, nil
	}
	outcomes, err := analysis.ClassicalFisher(ctx, c, s)
	if err != nil {
		return row, err
	}
	if outcomes.Trace > 0 {
		if row.Effective, err = outcomes.EffectiveDimension(effectiveExamples); err != nil {
			return row, err
		}
	}
	generators, err := analysis.Generators(c, false)
	if err != nil {
		return row, err
	}
	// An algebra above the limit is left out.
	if row.Lie, err = analysis.LieAlgebra(ctx, c.Qubits(), generators, mostLie); err != nil && ctx.Err() != nil {
		return row, err
	}
	return row, nil
}

// plateaus takes the variances of gradients of ansätze over numbers of qubits.
func (p program) plateaus(ctx context.Context, f analyseFlags) (result analysed, err error) {
	chosen, err := f.chosen(p.names)
	if err != nil {
		return result, err
	}
	s := f.sampling()
	if s.Samples == 0 {
		s.Samples = 1000
	}
	for _, a := range chosen {
		for _, layers := range f.layers {
			build := func(n int) *circuit.Circuit {
				c, err := ansatzCircuit(a, layers, n)
				if err != nil {
					return circuit.New(n).Fail(err)
				}
				return c
			}
			for _, cost := range analysis.Costs() {
				plateau, err := analysis.BarrenPlateau(ctx, build, cost, f.plateau, s)
				if err != nil {
					return result, errors.WithMessage(err, a.Name)
				}
				result.Plateaus = append(result.Plateaus, ansatzPlateau{a.Name, layers, plateau})
			}
		}
	}
	return result, nil
}

// spectrum takes the Fourier spectrum of a program by one of its inputs.
func (f analyseFlags) spectrum(ctx context.Context, file string, c *circuit.Circuit,
	inputs []circuit.InputAngle) (
	analysed, error) {
	place := -1
	var names []string
	for _, in := range inputs {
		names = append(names, in.Name)
		if in.Name == f.fourier {
			place = in.Angle.Index
		}
	}
	if place < 0 {
		return analysed{}, usageError{errors.Errorf("--fourier %s: %s has no such input, want one of %s",
			f.fourier, file, orNone(names))}
	}
	pauli := f.pauli
	if pauli == "" {
		pauli = "Z" + strings.Repeat("I", c.Qubits()-1)
	}
	o := statevec.Observable{{Coefficient: 1, Pauli: pauli}}
	s, err := analysis.Fourier(ctx, asInput(c, place), o, 0, f.sampling())
	if err != nil {
		return analysed{}, errors.WithMessage(err, file)
	}
	return analysed{Spectrum: &inputSpectrum{f.fourier, pauli, s}}, nil
}

// asInput returns a circuit with a trained angle as its only input.
func asInput(c *circuit.Circuit, place int) *circuit.Circuit {
	out := circuit.New(c.Qubits())
	for _, o := range c.Operations() {
		o = o.Map(func(q int) int { return q }, func(a circuit.Angle) circuit.Angle {
			if a.Source == circuit.Trainable && a.Index == place {
				a.Source, a.Index = circuit.Input, 0
			}
			return a
		})
		out.Control(o.Controls, o.Gate, o.Angles, o.Qubits...)
	}
	return out
}

// learned analyses the heads of a trained model.
func (p program) learned(dir string) (result analysed, err error) {
	m, err := trained.Options{Names: p.names}.Open(dir)
	if err != nil {
		return result, err
	}
	defer m.Close()
	for _, figure := range qlayer.Figures(m.Scope()) {
		if figure.Query == nil {
			continue
		}
		for head := range figure.Heads {
			theta, err := figure.Theta(m.Store(), head)
			if err != nil {
				return result, err
			}
			w, err := analysis.AttentionMatrix(figure.Query, figure.Key, theta)
			if err != nil {
				return result, errors.WithMessage(err, figure.Layer)
			}
			u, err := analysis.Unitary(w)
			if err != nil {
				return result, errors.WithMessagef(err, "%s, head %d", figure.Layer, head)
			}
			result.Learned = append(result.Learned, learnedMatrix{figure.Layer, head, u})
		}
	}
	if len(result.Learned) == 0 {
		return result, usageError{errors.Errorf("%s has no circuits of queries and keys, want a model such "+
			"as hqvit", dir)}
	}
	return result, nil
}

// orNone joins names, or says that there are none.
func orNone(names []string) string {
	if len(names) == 0 {
		return "its inputs, of which it has none"
	}
	return strings.Join(names, ", ")
}
