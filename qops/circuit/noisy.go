package circuit

import (
	"cmp"
	"math"
	"slices"

	"github.com/pkg/errors"
)

// Noisy is a circuit with channels between its operations, and errors of its readout: what Noise.Apply makes
// of a circuit, or what is built step by step. Mistakes are kept in it and come back from Err. To run one,
// see statevec.CompileDensity.
type Noisy struct {
	gates   *Circuit // the operations alone, which also checks them
	steps   []NoisyStep
	readout []Confusion
	errs    []error

	channels int
	full     bool // one was refused because there are too many
}

// NoisyStep is an operation, or a channel on qubits.
type NoisyStep struct {
	Operation Operation // if Channel is the zero value
	Channel   Channel
	Qubits    []int // of the channel
}

// Confusion is the error of reading a qubit: the probability of reading 1 where it is 0, and of 0 where it is
// 1.
type Confusion struct{ P10, P01 float64 }

func (c Confusion) check() error {
	return cmp.Or(inUnit("P(1|0)", c.P10), inUnit("P(0|1)", c.P01))
}

// NewNoisy returns the empty noisy circuit on n qubits.
func NewNoisy(n int) *Noisy { return &Noisy{gates: New(n)} }

// Apply appends an operation.
func (c *Noisy) Apply(g Operation) *Noisy {
	c = c.orBroken()
	c.gates.Control(g.Controls, g.Gate, g.Angles, g.Qubits...)
	c.steps = append(c.steps, NoisyStep{Operation: g.clone()})
	return c
}

// Disturb appends a channel on qubits, of which there are at most MaxOperations.
func (c *Noisy) Disturb(ch Channel, qubits ...int) *Noisy {
	c = c.orBroken()
	switch {
	case ch.Qubits() == 0:
		c.errs = append(c.errs, errors.New("circuit: Disturb: want a channel from NewChannel or KrausChannel"))
	case len(qubits) != ch.Qubits() || len(qubits) == 2 && qubits[0] == qubits[1]:
		c.errs = append(c.errs, errors.Errorf("circuit: Disturb: want %d different qubits for %v, got %v",
			ch.Qubits(), ch, qubits))
	}
	for _, q := range qubits {
		if q < 0 || q >= c.gates.qubits {
			c.errs = append(c.errs, errors.Errorf("circuit: Disturb: qubit %d out of range [0,%d) for %v", q,
				c.gates.qubits, ch))
		}
	}
	switch {
	case c.channels < MaxOperations:
		c.channels++
		c.steps = append(c.steps, NoisyStep{Channel: ch, Qubits: slices.Clone(qubits)})
	case !c.full: // one mistake for all that follow
		c.full = true
		c.errs = append(c.errs, errors.Errorf("circuit: Disturb: want at most %d channels", MaxOperations))
	}
	return c
}

// Confuse sets the readout errors of all qubits.
func (c *Noisy) Confuse(readout ...Confusion) *Noisy {
	c = c.orBroken()
	if len(readout) != c.gates.qubits {
		c.errs = append(c.errs, errors.Errorf("circuit: Confuse: want a Confusion for each of %d qubits, got %d",
			c.gates.qubits, len(readout)))
	}
	for q, r := range readout {
		if err := r.check(); err != nil {
			c.errs = append(c.errs, errors.WithMessagef(err, "circuit: Confuse: qubit %d", q))
		}
	}
	c.readout = slices.Clone(readout)
	return c
}

func (c *Noisy) orBroken() *Noisy {
	if c == nil || c.gates == nil {
		c = NewNoisy(1)
		c.errs = append(c.errs, errors.New("circuit: the noisy circuit is nil, want one from NewNoisy or "+
			"Noise.Apply"))
	}
	return c
}

// Err returns the first mistake.
func (c *Noisy) Err() error {
	c = c.orBroken()
	return cmp.Or(append([]error{c.gates.Err()}, c.errs...)...)
}

// Qubits returns the number of qubits.
func (c *Noisy) Qubits() int { return c.orBroken().gates.qubits }

// Ideal returns the operations without the noise. Its angles are those of the noisy circuit.
func (c *Noisy) Ideal() *Circuit { return c.orBroken().gates }

// Steps returns the steps. The slice is the caller's, what is in it is not.
func (c *Noisy) Steps() []NoisyStep { return slices.Clone(c.orBroken().steps) }

// Readout returns the readout errors by qubit, nil if there are none.
func (c *Noisy) Readout() []Confusion { return slices.Clone(c.orBroken().readout) }

// Channels returns how many channels there are.
func (c *Noisy) Channels() int { return c.orBroken().channels }

// Transfer returns the effect of a readout error on the Pauli coefficients of a qubit, in the form of
// Channel.Transfer: what is read of a letter L in its basis is (1 − P10 − P01)·⟨L⟩ + P01 − P10. It is no
// channel, for it holds in every basis at once.
func (c Confusion) Transfer() []float64 {
	keep, shift := 1-c.P10-c.P01, c.P01-c.P10
	return []float64{1, 0, 0, 0, shift, keep, 0, 0, shift, 0, keep, 0, shift, 0, 0, keep}
}

// Exact tells whether there is no error.
func (c Confusion) Exact() bool { return math.Abs(c.P10)+math.Abs(c.P01) == 0 }
