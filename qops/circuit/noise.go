package circuit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
)

// Noise is a model of noise: which channels follow which gates, and how qubits are misread. The zero value is
// none.
type Noise struct {
	After   []NoiseRule // all that fit follow a gate, in their order
	Readout []Confusion // by qubit; one alone is that of every qubit; empty: read without errors
}

// NoiseRule is a channel that follows gates. A field at its zero value fits any gate.
type NoiseRule struct {
	Gate   string // the name of the operation, such as cx
	Size   int    // its number of qubits, with controls
	Qubits []int  // its qubits, in any order
	// Channel of one qubit comes on each qubit of the gate, one of two qubits on the pair of a gate of two.
	Channel Channel
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
	for _, q := range r.Qubits {
		if q < 0 || q >= c.qubits {
			return errors.Errorf("qubit %d out of range [0,%d)", q, c.qubits)
		}
	}
	return nil
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

// ParseNoise returns the model of a text such as "depolarizing=0.01,readout=0.02": names of Channels with their
// numbers, several separated by colons, each after every gate on each of its qubits. After a gate of two qubits
// depolarizing is depolarizing2 with the same p. readout=P10:P01, or readout=P for both, is that of every qubit.
// The empty text is no noise.
//
// It returns an error for an unknown name, a number out of range, and a text of another form.
func ParseNoise(text string) (Noise, error) {
	var n Noise
	if strings.TrimSpace(text) == "" {
		return n, nil
	}
	for _, part := range strings.Split(text, ",") {
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
	c, err := NewChannel(name, params...)
	if err != nil {
		if !slices.Contains(channelNames(), name) {
			err = errors.WithMessage(err, "beside readout, a noise is a channel")
		}
		return err
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
func (n Noise) None() bool { return len(n.After) == 0 && len(n.Readout) == 0 }

// Apply returns the circuit with the noise of the model. It returns an error for a circuit with errors, a rule
// without a channel, and a Readout that is not of one qubit or of all.
func (n Noise) Apply(c *Circuit) (*Noisy, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	for i, r := range n.After {
		if err := r.check(c); err != nil {
			return nil, errors.WithMessagef(err, "circuit: Noise: rule %d", i)
		}
	}
	out := NewNoisy(c.qubits)
	for _, g := range c.ops {
		out.Apply(g)
		if k := len(g.Controls) + len(g.Qubits); k > 2 && len(n.After) > 0 {
			return nil, errors.Errorf("circuit: Noise: %s is on %d qubits, and the noise of no device is known for "+
				"that: take it apart first, see Decompose", g.Name(), k)
		}
		for _, r := range n.After {
			switch qubits := g.AllQubits(); {
			case !r.fits(g):
			case r.Channel.Qubits() == 2:
				out.Disturb(r.Channel, qubits...)
			default:
				for _, q := range qubits {
					out.Disturb(r.Channel, q)
				}
			}
		}
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
