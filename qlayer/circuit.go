package qlayer

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// Circuit encodes each row of features into a state, runs a trained circuit on it, and measures.
//
//	x    (…, D)   features
//	out  (…, K)   what Measure makes of the states, by default ⟨Z⟩ of each of n qubits, in [−1,1]
//
// By default the features are amplitudes: (32, 16) takes 4 qubits and gives (32, 4). The parameter is theta, one angle in radians for each of the circuit's,
// from a normal distribution of standard deviation InitAngle unless Init says otherwise. The notes are qubits, gates (of the ansatz alone) and parameterised gates.
//
// With the encoders and measurements of this package the layer is one node, qops.Evaluate, which holds with its gradient a state a row and one more. With an Encoder or a Measure
// of one's own it is a node for each.
type Circuit struct {
	Ansatz   Ansatz
	Encoder  Encoder       // nil: Amplitude{}
	Measure  Measurement   // nil: Paulis("Z"), which is ⟨Z⟩ of each qubit
	Init     nn.Init       // first angles; nil: nn.Normal(InitAngle)
	Frozen   bool          // the angles stay at their first values
	Gradient qops.Gradient // its method; the zero value is the adjoint sweep
}

// Forward returns what is measured, differentiable in x and theta. It returns an error if there is no ansatz, if it makes a circuit of another size
// than the encoding, if it takes data that the Encoder does not give, or for another Gradient than the sweep with an Encoder or a Measure of one's own, and those of Encoder and Measure.
func (l Circuit) Forward(s *nn.Scope, x *G.Node) (*G.Node, error) {
	if l.Ansatz == nil {
		return nil, errors.New("want an Ansatz, such as qlayer.Entangling(2)")
	}
	if l.Encoder == nil {
		l.Encoder = Amplitude{}
	}
	if l.Measure == nil {
		l.Measure = Paulis("Z")
	}
	d, err := features(x)
	if err != nil {
		return nil, err
	}
	switch e := l.Encoder.(type) {
	case CircuitEncoder:
		return l.asOne(s, x, e, d)
	case Amplitude:
		if m, ok := l.Measure.(ReadoutMeasurement); ok {
			return l.onAmplitudes(s, x, e, d, m)
		}
	}
	if l.Gradient != qops.Adjoint {
		return nil, errors.Errorf("want an Encoder and a Measure of this package for Gradient %v, got %T and %T", l.Gradient, l.Encoder, l.Measure)
	}
	return l.onStates(s, x)
}

// asOne measures the states of the encoder's circuit followed by the ansatz.
func (l Circuit) asOne(s *nn.Scope, x *G.Node, encoder CircuitEncoder, features int) (*G.Node, error) {
	first, err := encoder.Circuit(features)
	if err != nil {
		return nil, err
	}
	data, err := encoder.Angles(x)
	if err != nil {
		return nil, err
	}
	c, theta, err := l.ansatz(s, first.Qubits(), x.Dtype())
	if err != nil {
		return nil, err
	}
	if n := c.NumData(); n != 0 && n != features {
		return nil, errors.Errorf("want an ansatz whose data are the %d features, got one with data of %d", features, n)
	}
	whole := first.Compose(c)
	l.show(s, whole)
	if m, ok := l.Measure.(ReadoutMeasurement); ok {
		return l.evaluate(whole, m, qops.Inputs{Theta: theta, Data: data})
	}
	if l.Gradient != qops.Adjoint {
		return nil, errors.Errorf("want a Measure of this package for Gradient %v, got %T", l.Gradient, l.Measure)
	}
	psi, err := qops.Prepare(whole, theta, data)
	if err != nil {
		return nil, err
	}
	return l.Measure.Measure(psi)
}

// onAmplitudes measures what the ansatz makes of amplitudes.
func (l Circuit) onAmplitudes(s *nn.Scope, x *G.Node, encoder Amplitude, features int, m ReadoutMeasurement) (*G.Node, error) {
	qubits := encoder.Qubits
	if qubits == 0 {
		qubits = max(1, log2(features))
	}
	c, theta, err := l.ansatz(s, qubits, x.Dtype())
	if err != nil {
		return nil, err
	}
	l.show(s, c)
	return l.evaluate(c, m, qops.Inputs{X: x, Normalize: encoder.Normalize, Theta: theta})
}

func (l Circuit) evaluate(c *circuit.Circuit, m ReadoutMeasurement, in qops.Inputs) (*G.Node, error) {
	readout, err := m.Readout(c.Qubits())
	if err != nil {
		return nil, err
	}
	return qops.Evaluate(c, readout, in, l.Gradient)
}

// onStates measures what the ansatz makes of the encoder's states.
func (l Circuit) onStates(s *nn.Scope, x *G.Node) (*G.Node, error) {
	psi, data, err := l.Encoder.Encode(s, x)
	if err != nil {
		return nil, err
	}
	c, theta, err := l.ansatz(s, qubitsOf(psi), x.Dtype())
	if err != nil {
		return nil, err
	}
	if c.NumData() == 0 {
		data = nil
	}
	l.show(s, c)
	if psi, err = qops.Apply(c, psi, theta, data); err != nil {
		return nil, err
	}
	return l.Measure.Measure(psi)
}

// ansatz returns the circuit of the ansatz and its angles, and leaves the notes.
func (l Circuit) ansatz(s *nn.Scope, qubits int, dt tensor.Dtype) (c *circuit.Circuit, theta *G.Node, err error) {
	if c, err = l.Ansatz.on(qubits); err != nil {
		return nil, nil, err
	}
	note(s, qubits, len(c.Operations()), parameterised(c))
	theta, err = angles(s, c, tensor.Shape{c.NumTheta()}, dt, l.Init, l.Frozen)
	return c, theta, err
}

func (l Circuit) show(s *nn.Scope, whole *circuit.Circuit) {
	show(s, Figure{Circuit: whole, Registers: []Register{{"features", whole.Qubits()}}}, "theta")
}

// on returns the circuit on n qubits, or what is wrong with it.
func (a Ansatz) on(n int) (*circuit.Circuit, error) {
	c := a(n)
	switch {
	case c == nil:
		return nil, errors.Errorf("the ansatz gives no circuit for %d qubits", n)
	case c.Err() != nil:
		return nil, errors.WithMessage(c.Err(), "ansatz")
	case c.Qubits() != n:
		return nil, errors.Errorf("want an ansatz of %d qubits, got a circuit of %d", n, c.Qubits())
	}
	return c, nil
}

// angles returns the parameter theta of that shape, whose last axis is that of the circuit's angles, with those first values; nil if it has none.
func angles(s *nn.Scope, c *circuit.Circuit, shape tensor.Shape, dt tensor.Dtype, first nn.Init, frozen bool) (*G.Node, error) {
	if c.NumTheta() == 0 {
		return nil, nil
	}
	if first == nil {
		first = nn.Normal(InitAngle)
	}
	return s.Param("theta", nn.ParamSpec{Shape: shape, Dtype: dt, Init: first, NoDecay: true, Frozen: frozen, Group: "quantum"})
}

// parameterised counts the gates that turn by a trained angle.
func parameterised(c *circuit.Circuit) (count int) {
	for _, g := range c.Operations() {
		for _, a := range g.Angles {
			if a.Source == circuit.Trainable {
				count++
				break
			}
		}
	}
	return count
}

func note(s *nn.Scope, qubits, gates, parameterised int) {
	s.Note("qubits", qubits)
	s.Note("gates", gates)
	s.Note("parameterised gates", parameterised)
}
