package circuit

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/suggest"
)

// Noise is a model of noise: which channels follow which gates, and how qubits are misread. The zero value is
// none.
type Noise struct {
	After   []NoiseRule // all that fit follow a gate, in their order
	Idle    []IdleRule  // all that fit act on a qubit that waits, in their order
	Readout []Confusion // by qubit; one alone is that of every qubit; empty: read without errors

	// Durations is how long gates take, as NewSchedule has it, for Idle; nil: all take 1, so that a qubit
	// waits for so many layers of gates.
	Durations func(Operation) (float64, error)
}

// NoiseRule is a channel that follows gates. A field at its zero value fits any gate.
type NoiseRule struct {
	Gate   string // the name of the operation, such as cx
	Size   int    // its number of qubits, with controls
	Qubits []int  // its qubits, in any order
	// Channel of one qubit comes on each qubit of the gate, one of two qubits on the pair of a gate of two.
	Channel Channel
}

// IdleRule is what happens to a qubit while others have gates and it has none, from its own first gate on: in
// a schedule as soon as possible, until all qubits are measured.
type IdleRule struct {
	Qubits  []int   // that it is about; empty: all
	Channel Channel // of one qubit, once for each layer, of Noise without Durations

	// Over is in place of Channel the channel of a time of waiting, in the unit of Durations; the zero value
	// is none.
	Over func(time float64) (Channel, error)
}

func (r IdleRule) check(n Noise, qubits int) error {
	switch {
	case r.Over == nil && r.Channel.Qubits() != 1:
		return errors.New("want a channel of one qubit, or Over")
	case r.Over != nil && r.Channel.Qubits() != 0:
		return errors.New("want a Channel or Over, got both")
	case r.Over == nil && n.Durations != nil:
		return errors.New("want Over with Durations, for a Channel is that of one layer")
	}
	return checkRange(r.Qubits, qubits)
}

func checkRange(qubits []int, n int) error {
	for _, q := range qubits {
		if q < 0 || q >= n {
			return errors.Errorf("qubit %d out of range [0,%d)", q, n)
		}
	}
	return nil
}

// of returns the channel of a time of waiting, and how often it acts.
func (r IdleRule) of(time float64) (c Channel, times int, err error) {
	if r.Over == nil {
		return r.Channel, int(math.Round(time)), nil
	}
	defer foreign.Recover(&err, "function Over of an IdleRule", r.Over)
	c, err = r.Over(time)
	if err == nil && c.Qubits() > 1 {
		err = errors.Errorf("want a channel of one qubit from Over, got %v", c)
	}
	return c, min(1, c.Qubits()), err
}

// wait appends the channels of a time of waiting.
func (n Noise) wait(out *Noisy, w Idle) error {
	for i, r := range n.Idle {
		if len(r.Qubits) > 0 && !slices.Contains(r.Qubits, w.Qubit) {
			continue
		}
		c, times, err := r.of(w.End - w.Start)
		if err != nil {
			return errors.WithMessagef(err, "circuit: Noise: idle rule %d", i)
		}
		for k := 0; k < times && !out.full; k++ {
			out.Disturb(c, w.Qubit)
		}
	}
	return nil
}

// check returns an error for a rule that can fit no gate on the qubits of a circuit.
func (r NoiseRule) check(c *Circuit) error {
	_, known := Named(r.Gate)
	known = known || r.Gate == "" ||
		slices.ContainsFunc(c.ops, func(g Operation) bool { return g.Name() == r.Gate })
	switch {
	case r.Channel.Qubits() == 0:
		return errors.New("has no channel, want one from NewChannel")
	case !known:
		return errors.Errorf("there is no gate %q%s", r.Gate, suggest.Among(r.Gate, gateNames()))
	case r.Size < 0 || r.Size > 2:
		return errors.Errorf("Size is %d, want 1 or 2, or 0 for any", r.Size)
	case r.Channel.Qubits() == 2 && r.Size == 1:
		return errors.Errorf("%v is on two qubits, and Size is 1", r.Channel)
	case r.Size > 0 && len(r.Qubits) > 0 && len(r.Qubits) != r.Size:
		return errors.Errorf("Size is %d, and Qubits are %v", r.Size, r.Qubits)
	}
	return checkRange(r.Qubits, c.qubits)
}

func gateNames() []string {
	var names []string
	for _, k := range table {
		names = append(names, k.Name())
	}
	return names
}

func (r NoiseRule) fits(g Operation) bool {
	qubits := g.AllQubits()
	if r.Gate != "" && r.Gate != g.Name() || r.Size != 0 && r.Size != len(qubits) ||
		r.Channel.Qubits() == 2 && len(qubits) != 2 {
		return false
	}
	if len(r.Qubits) == 0 {
		return true
	}
	slices.Sort(qubits)
	return slices.Equal(qubits, slices.Sorted(slices.Values(r.Qubits)))
}

// ParseNoise returns the model of a text such as "depolarizing=0.01,readout=0.02": names of Channels with
// their numbers, several separated by colons, each after every gate on each of its qubits. After a gate of
// two qubits depolarizing is depolarizing2 with the same p. idle:CHANNEL=NUMBERS acts on a qubit in every
// layer of gates in which it waits. readout=P10:P01, or readout=P for both, is that of every qubit. The empty
// text is no noise.
//
// It returns an error for an unknown name, a number out of range, and a text of another form.
func ParseNoise(text string) (Noise, error) {
	var n Noise
	if strings.TrimSpace(text) == "" {
		return n, nil
	}
	for _, part := range strings.Split(text, ",") {
		if strings.TrimSpace(part) == "" {
			return Noise{}, errors.Errorf("noise %q: there is nothing before or behind a comma", text)
		}
		name, values, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || name == "" {
			return Noise{}, errors.Errorf("noise %q: want NAME=NUMBER, such as depolarizing=0.01", part)
		}
		var params []float64
		for _, v := range strings.Split(values, ":") {
			x, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
			if err != nil {
				return Noise{}, errors.Errorf("noise %q: want numbers behind =, got %q", part, v)
			}
			params = append(params, x)
		}
		if err := n.add(name, params); err != nil {
			return Noise{}, errors.WithMessagef(err, "noise %q", part)
		}
	}
	return n, nil
}

func (n *Noise) add(name string, params []float64) error {
	if name == "readout" {
		if len(params) > 2 {
			return errors.Errorf("want one number or P(1|0):P(0|1), got %d", len(params))
		}
		if n.Readout != nil {
			return errors.New("readout is given twice")
		}
		c := Confusion{params[0], params[len(params)-1]}
		n.Readout = []Confusion{c}
		return c.check()
	}
	name, idle := strings.CutPrefix(name, "idle:")
	c, err := NewChannel(name, params...)
	if err != nil {
		if !slices.Contains(channelNames(), name) {
			err = errors.WithMessage(err, "beside readout, a noise is a channel, or idle:CHANNEL")
		}
		return err
	}
	if idle {
		rule := IdleRule{Channel: c}
		n.Idle = append(n.Idle, rule)
		return rule.check(Noise{}, MaxQubits)
	}
	rule := NoiseRule{Channel: c}
	if name == "depolarizing" {
		rule.Size = 1
		pair, err := NewChannel("depolarizing2", params...)
		if err != nil {
			return err
		}
		n.After = append(n.After, NoiseRule{Size: 2, Channel: pair})
	}
	n.After = append(n.After, rule)
	return nil
}

// None tells whether the model has no noise.
func (n Noise) None() bool { return len(n.After)+len(n.Idle)+len(n.Readout) == 0 }

// Apply returns the circuit with the noise of the model. It returns an error for a circuit with errors, a
// rule without a channel, a Readout that is not of one qubit or of all, and the errors of Durations and Over.
func (n Noise) Apply(c *Circuit) (*Noisy, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	for i, r := range n.After {
		if err := r.check(c); err != nil {
			return nil, errors.WithMessagef(err, "circuit: Noise: rule %d", i)
		}
	}
	for i, r := range n.Idle {
		if err := r.check(n, c.qubits); err != nil {
			return nil, errors.WithMessagef(err, "circuit: Noise: idle rule %d", i)
		}
	}
	out := NewNoisy(c.qubits)
	if err := n.applyTo(out, c); err != nil {
		return nil, err
	}
	switch len(n.Readout) {
	case 0:
	case 1:
		out.Confuse(slices.Repeat(n.Readout, c.qubits)...)
	default:
		out.Confuse(n.Readout...)
	}
	return out, out.Err()
}

// applyTo appends the operations of a circuit with the channels behind them and between them.
func (n Noise) applyTo(out *Noisy, c *Circuit) error {
	gate := func(g Operation) error { return n.gate(out, g) }
	if len(n.Idle) == 0 {
		for _, g := range c.ops {
			if err := gate(g); err != nil {
				return err
			}
		}
		return nil
	}
	durations := n.Durations
	if durations == nil {
		durations = func(Operation) (float64, error) { return 1, nil }
	}
	schedule, err := NewSchedule(c, durations, AsSoon)
	if err != nil {
		return errors.WithMessage(err, "circuit: Noise")
	}
	return schedule.Each(func(w Idle) error { return n.wait(out, w) }, gate)
}

// gate appends an operation and the channels behind it.
func (n Noise) gate(out *Noisy, g Operation) error {
	out.Apply(g)
	qubits := g.AllQubits()
	if len(qubits) > 2 && len(n.After) > 0 {
		return errors.Errorf("circuit: Noise: %s is on %d qubits, and the noise of no device is known for "+
			"that: take it apart first, see Decompose", g.Name(), len(qubits))
	}
	for _, r := range n.After {
		switch {
		case !r.fits(g):
		case r.Channel.Qubits() == 2:
			out.Disturb(r.Channel, qubits...)
		default:
			for _, q := range qubits {
				out.Disturb(r.Channel, q)
			}
		}
	}
	return nil
}
