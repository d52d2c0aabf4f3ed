package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/mitigate"
)

// NoisyScores returns CircuitScores as a noisy device measures them, pair by pair on the qubits of one patch:
// it prepares patch i, runs U_q, the inverse of U_k and the inverse of what prepares patch j, and counts how
// often all qubits are 0, f_ij. The norms of the patches are known, so that the score is S_ij = n_i·n_j·f_ij.
// The noise follows every gate of the four circuits; without any, this is CircuitScores to rounding.
//
//	x       (B, T, D)        real; head h sees the columns h·D/H to (h+1)·D/H
//	thetaQ  (H, q.NumTheta)  radians; nil if q has no trainable angle
//	thetaK  (H, k.NumTheta)  radians; nil if k has none
//	out     (B, H, T, T)     Gain · Scale[h] · S
//
// With shots, each is spent on a pair, drawn with n_i·n_j, so that the part of all shots that come to all 0
// of a pair is an unbiased estimate of S_ij.
//
// Mitigation by extrapolation is of each f_ij, by gates and their inverses, with all shots at each scale; an
// Exponential goes to 2^−n with noise. That of readout takes the results of all qubits in place of how often
// all are 0, and is for heads of up to 8 qubits with shots; LeastSquares is of the distribution of pairs and
// results of an image together.
//
// Differentiable once in x, thetaQ, thetaK and Scale, through the noise. Where neighbouring amplitudes of a
// patch are 0 together, the angles that prepare them have no gradient, and that by these amplitudes is taken
// as 0. It returns an error for a Kind other than ScoreOverlap, for circuits with gates of more than two
// qubits, and those of CircuitScores.
//
// Source: docs/math.md, section 9.
func NoisyScores(x *G.Node, q, k *circuit.Circuit, thetaQ, thetaK *G.Node, noise circuit.Noise,
	o ScoreOptions) (*G.Node, error) {
	return pairScores("NoisyScores", x, q, k, thetaQ, thetaK, o,
		func(c *circuit.Circuit) (noisy *circuit.Noisy, last []int, err error) {
			for qubit := range c.Qubits() {
				last = append(last, qubit)
			}
			noisy, err = noise.Apply(c)
			return noisy, last, err
		})
}

// Compile turns a circuit into the one that a device runs, with its noise, on up to 13 qubits, and says where
// the qubits of the original are at its end. The angles of the circuit stay symbols.
type Compile func(c *circuit.Circuit) (noisy *circuit.Noisy, last []int, err error)

// DeviceScores returns NoisyScores of the circuits that a device really runs: that of a pair of patches, with
// the preparation of both, as compile makes it.
//
//	x       (B, T, D)        real; head h sees the columns h·D/H to (h+1)·D/H
//	thetaQ  (H, q.NumTheta)  radians; nil if q has no trainable angle
//	thetaK  (H, k.NumTheta)  radians; nil if k has none
//	out     (B, H, T, T)     Gain · Scale[h] · S
//
// Shots, derivatives and errors are those of NoisyScores; the errors of compile are added, and one for a
// result with other angles or places.
func DeviceScores(x *G.Node, q, k *circuit.Circuit, thetaQ, thetaK *G.Node, compile Compile,
	o ScoreOptions) (*G.Node, error) {
	return pairScores("DeviceScores", x, q, k, thetaQ, thetaK, o, compile.call)
}

// pairScores returns the scores of the circuit of a pair, as compile makes it, in a node of that name.
func pairScores(name string, x *G.Node, q, k *circuit.Circuit, thetaQ, thetaK *G.Node, o ScoreOptions,
	compile Compile) (*G.Node, error) {
	shape, err := pairShape(x, q, k, thetaQ, thetaK, o)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: "+name)
	}
	noisy, last, err := compile(circuit.OverlapTest(q, k))
	if err != nil {
		return nil, errors.WithMessage(err, "qops: "+name)
	}
	sizes := noisySizes{q.NumTheta(), k.NumTheta(), 1 << q.Qubits()}
	devices, err := newPairDevices(noisy, last, shape)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: "+name)
	}
	operands := append(dropNil(thetaQ, thetaK), dropNil(o.Scale)...)
	return op.ByDtype(x, noisyScores[float32](name, shape, sizes, devices),
		noisyScores[float64](name, shape, sizes, devices), operands...)
}

func pairShape(x *G.Node, q, k *circuit.Circuit, thetaQ, thetaK *G.Node, o ScoreOptions) (scoreShape, error) {
	joint, heads, err := unitaryOperands(q, k, thetaQ, thetaK)
	if err != nil {
		return scoreShape{}, err
	}
	if x == nil {
		return scoreShape{}, errors.New("x is nil")
	}
	plan := o.Mitigation
	o.Mitigation = mitigate.Plan{}
	shape, err := newScoreShape(x.Shape(), unitaryShape(joint, heads), o)
	switch {
	case err != nil:
		return shape, err
	case o.Kind != ScoreOverlap:
		return shape, errors.New("want the Kind ScoreOverlap with noise")
	case plan.Check() != nil:
		return shape, plan.Check()
	case plan.Keep.Of != mitigate.NoSymmetry:
		return shape, errors.Errorf("mitigation %v: the circuit of a pair conserves no number of ones: "+
			"want zne and readout alone", plan)
	case plan.ZNE.Circuit:
		return shape, errors.Errorf("mitigation %v: the circuit of a pair is folded gate by gate: want it "+
			"without :circuit", plan)
	}
	shape.mitigation = plan
	return shape, checkSize(shape.images*shape.tokens, 2*q.Qubits()-1)
}

// call calls a function that a user gave, and checks its result.
func (f Compile) call(c *circuit.Circuit) (noisy *circuit.Noisy, last []int, err error) {
	if f == nil {
		return nil, nil, errors.New("want a function that compiles, got nil")
	}
	defer foreign.Recover(&err, "function Compile", f)
	if noisy, last, err = f(c); err != nil {
		return nil, nil, err
	}
	if err := noisy.Err(); err != nil {
		return nil, nil, err
	}
	ideal := noisy.Ideal()
	if ideal.NumTheta() > c.NumTheta() || ideal.NumData() > c.NumData() || len(last) != c.Qubits() {
		return nil, nil, errors.Errorf("the compiled circuit has %d theta, %d data and places for %d "+
			"qubits, want at most %d and %d, and %d",
			ideal.NumTheta(), ideal.NumData(), len(last), c.NumTheta(),
			c.NumData(), c.Qubits())
	}
	return noisy, last, nil
}
