package qlayer

import (
	"fmt"
	"math/bits"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Circuit encodes each row of features into a state, runs a trained circuit on it, and measures.
//
//	x    (…, D)  features
//	out  (…, K)  the numbers of Measure, by default ⟨Z⟩ of each of n qubits, in [−1,1]
//
// By default the features are amplitudes: (32, 16) takes 4 qubits and gives (32, 4). The parameter is theta,
// one angle in radians for each of the circuit's, from a normal distribution of standard deviation InitAngle
// unless Init says otherwise. The notes are qubits, gates (of the ansatz alone) and parameterised gates.
//
// The layer is one node, qops.MeasureCircuit, which holds with its gradient one state a row and one more.
// With an Encoder that is no CircuitEncoder, or a qops.MeasureFunc, it is a node for each of encoder, ansatz
// and measurement.
type Circuit struct {
	Ansatz   Ansatz
	Encoder  Encoder          // nil: Amplitude{}
	Measure  qops.Measurement // the zero value is qops.Paulis("Z"), ⟨Z⟩ of each qubit
	Init     nn.Init          // first angles; nil: nn.Normal(InitAngle)
	Frozen   bool             // the angles stay at their first values
	Gradient qops.Gradient    // its method; the zero value is the adjoint sweep

	// Noise disturbs the circuit, encoder and ansatz, as on a device; amplitudes are prepared without noise.
	// The layer then works on density matrices, exactly, in 4^n numbers a row, and its gradient goes through
	// the noise. It needs a CircuitEncoder, a Measure other than a MeasureFunc, the adjoint Gradient, and
	// gates of up to two qubits; for more than 13 qubits, Trajectories.
	Noise circuit.Noise

	// Trajectories is how many runs with random errors each row is estimated from, on states in place of
	// density matrices; 0: density matrices, exactly. What is drawn follows as for Shots, which the runs
	// share, and the standard errors are the tap "standard_error". The gradient is an unbiased estimate too.
	Trajectories int

	// Shots is the runs of the circuit that each row is estimated from, as on a device; 0: exact values. What
	// is drawn follows from the seed of the Store and the row's key in Scope.Random. The standard errors are
	// the tap "standard_error". The gradient behind estimates is the exact one, or, by qops.ParameterShift,
	// an unbiased estimate from as many shots a value.
	Shots int
}

// Forward returns what is measured, differentiable in x and theta. It returns an error if there is no ansatz,
// if it makes a circuit of another size than the encoding, if it takes data that the Encoder does not give,
// for a Gradient other than qops.Adjoint where the layer is not one node, for Shots of a qops.MeasureFunc,
// for Noise on more than 13 qubits without Trajectories, and those of Encoder and Measure.
func (l Circuit) Forward(s *nn.Scope, x *G.Node) (*G.Node, error) {
	if l.Ansatz == nil {
		return nil, errors.New("want an Ansatz, such as qlayer.Entangling(2)")
	}
	if l.Encoder == nil {
		l.Encoder = Amplitude{}
	}
	d, err := features(x)
	if err != nil {
		return nil, err
	}
	if l.Shots > 0 && l.Shots < l.Trajectories {
		return nil, errors.Errorf("want Shots of at least the %d Trajectories, which share them, got %d",
			l.Trajectories, l.Shots)
	}
	if l.Trajectories != 0 && l.Noise.None() {
		return nil, errors.Errorf("want Noise for Trajectories, or 0 of them, got %d without", l.Trajectories)
	}
	if l.Shots != 0 {
		l.Measure = l.Measure.WithShots(Shots(s, x, l.Shots))
	}
	if e, ok := l.Encoder.(CircuitEncoder); ok {
		return l.measureCircuit(s, x, e, d)
	}
	return l.measureStates(s, x)
}

// measureCircuit measures the encoder's circuit followed by the ansatz.
func (l Circuit) measureCircuit(s *nn.Scope, x *G.Node, e CircuitEncoder, features int) (*G.Node, error) {
	encoding, in, err := encodingOf(e, x)
	if err != nil {
		return nil, err
	}
	ansatz, theta, err := l.buildAnsatz(s, encoding.Qubits(), x.Dtype())
	if err != nil {
		return nil, err
	}
	if err := l.checkData(ansatz, in.Data); err != nil {
		return nil, err
	}
	if n := ansatz.NumData(); n != 0 && n != features {
		return nil, errors.Errorf("want an ansatz whose data are the %d features, got one with data of %d",
			features, n)
	}
	whole := encoding.Compose(ansatz)
	l.showCircuit(s, whole)
	in.Theta = theta
	if l.Noise.None() {
		return qops.MeasureCircuit(whole, l.Measure, in, l.Gradient)
	}
	if l.Gradient != qops.Adjoint {
		return nil, errors.Errorf("want Gradient %v with Noise, got %v", qops.Adjoint, l.Gradient)
	}
	noisy, err := l.Noise.Apply(whole)
	if err != nil {
		return nil, err
	}
	if l.Trajectories != 0 {
		return qops.MeasureTrajectories(noisy, l.Measure, in, Shots(s, x, l.Trajectories))
	}
	if n := whole.Qubits(); n > statevec.MaxDensityQubits {
		return nil, errors.Errorf("want Trajectories for noise on %d qubits: a density matrix of more than "+
			"%d does not fit", n, statevec.MaxDensityQubits)
	}
	return qops.MeasureNoisy(noisy, l.Measure, in)
}

// measureStates measures what the ansatz makes of the encoder's states.
func (l Circuit) measureStates(s *nn.Scope, x *G.Node) (*G.Node, error) {
	switch {
	case l.Gradient != qops.Adjoint:
		return nil, errors.Errorf("want a CircuitEncoder for Gradient %v, got %T", l.Gradient, l.Encoder)
	case !l.Noise.None():
		return nil, errors.Errorf("want a CircuitEncoder for Noise, got %T", l.Encoder)
	}
	psi, data, qubits, err := statesOf(l.Encoder, s, x)
	if err != nil {
		return nil, err
	}
	c, theta, err := l.buildAnsatz(s, qubits, x.Dtype())
	if err != nil {
		return nil, err
	}
	if err := l.checkData(c, data); err != nil {
		return nil, err
	}
	if c.NumData() == 0 {
		data = nil
	}
	l.showCircuit(s, c)
	if psi, err = qops.Apply(c, psi, theta, data); err != nil {
		return nil, err
	}
	return qops.Measure(psi, l.Measure)
}

// checkData returns an error if the ansatz takes data and the encoder gives none.
func (l Circuit) checkData(ansatz *circuit.Circuit, data *G.Node) error {
	if ansatz.NumData() == 0 || data != nil {
		return nil
	}
	encoder := fmt.Sprintf("encoder %T", l.Encoder)
	if _, ok := l.Encoder.(Amplitude); ok {
		encoder = "default encoder Amplitude{}"
	}
	return errors.Errorf("the %s gives the ansatz no data, of which it takes %d: "+
		"want an Encoder that does, such as Angle, DenseAngle, Basis or IQP", encoder, ansatz.NumData())
}

// buildAnsatz returns the circuit of the ansatz and its angles, and leaves the notes.
func (l Circuit) buildAnsatz(s *nn.Scope, qubits int, dt tensor.Dtype) (*circuit.Circuit, *G.Node, error) {
	c, err := l.Ansatz.build(qubits)
	if err != nil {
		return nil, nil, err
	}
	note(s, qubits, len(c.Operations()), countParameterised(c))
	theta, err := angles(s, c, tensor.Shape{c.NumTheta()}, dt, l.Init, l.Frozen)
	return c, theta, err
}

func (l Circuit) showCircuit(s *nn.Scope, whole *circuit.Circuit) {
	show(s, Figure{Circuit: whole, Registers: []Register{{"features", whole.Qubits()}}}, "theta")
}

// build returns the circuit on n qubits, or what is wrong with it.
func (a Ansatz) build(n int) (c *circuit.Circuit, err error) {
	if err := circuit.New(n).Err(); err != nil {
		return nil, errors.WithMessage(err, "ansatz")
	}
	defer foreign.Recover(&err, "ansatz", a)
	c = a(n)
	switch {
	case c == nil:
		return nil, errors.Errorf("the ansatz gives no circuit for %d qubits", n)
	case c.Err() != nil:
		return nil, errors.WithMessage(c.Err(), "ansatz")
	case c.Qubits() != n:
		return nil, errors.Errorf("want an ansatz of %d qubits, got a circuit of %d", n, c.Qubits())
	}
	return c, errors.WithMessage(checkOperations(c), "ansatz")
}

// angles returns the parameter theta of that shape, whose last axis is that of the circuit's angles, with
// those first values; nil if the circuit has none.
func angles(s *nn.Scope, c *circuit.Circuit, shape tensor.Shape, dt tensor.Dtype, first nn.Init,
	frozen bool) (*G.Node, error) {
	if c.NumTheta() == 0 {
		return nil, nil
	}
	if first == nil {
		first = nn.Normal(InitAngle)
	}
	return s.Param("theta", nn.ParamSpec{Shape: shape, Dtype: dt, Init: first, NoDecay: true, Frozen: frozen,
		Group: "quantum"})
}

// countParameterised counts the gates with a trained angle.
func countParameterised(c *circuit.Circuit) (count int) {
	for _, o := range c.Operations() {
		for _, a := range o.Angles {
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

// log2 returns the least n with 2^n ≥ x.
func log2(x int) int { return bits.Len(uint(x - 1)) }
