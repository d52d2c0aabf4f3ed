package mitigate

import (
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// group is a gate with the channels behind it.
type group []circuit.NoisyStep

// Fold returns the circuit with more noise and the same purpose: gates G become G(G†G)^k, each with the
// channels behind it, so that an odd scale 1 + 2k multiplies the number of noisy gates by exactly that. For
// scales between, an even part of the noisy gates of each size has a pair more than the others. With whole,
// the circuit U becomes U(U†U)^k, and a part of its end is folded for the rest. Gates without a channel count
// for nothing; they are folded with the circuit only.
//
// The second result is the scale that was reached, in noisy gates: it is what to extrapolate from. Noise that
// does not commute with the gates is scaled to first order. Errors of readout stay. It returns the circuit's
// own error, and one for a scale out of [1, 99].
func Fold(c *circuit.Noisy, scale float64, whole bool) (folded *circuit.Noisy, reached float64, err error) {
	return fold(c, scale, whole, false)
}

// fold is Fold; with powers, noise that commutes with its gate takes the place of pairs.
func fold(c *circuit.Noisy, scale float64, whole, powers bool) (folded *circuit.Noisy, reached float64,
	err error) {
	if err := c.Err(); err != nil {
		return nil, 0, errors.WithMessage(err, "mitigate: Fold")
	}
	if !(scale >= 1 && scale <= maxScale) {
		return nil, 0, errors.Errorf("mitigate: Fold: scale %v, want one from 1 to %d", scale, maxScale)
	}
	out := circuit.NewNoisy(c.Qubits())
	var groups []group
	for _, s := range c.Steps() {
		switch n := len(groups); {
		case s.Channel.Qubits() == 0:
			groups = append(groups, group{s})
		case n == 0: // before any gate
			out.Disturb(s.Channel, s.Qubits...)
		default:
			groups[n-1] = append(groups[n-1], s)
		}
	}
	if whole {
		reached = foldWhole(out, groups, scale)
	} else {
		reached = foldGates(out, groups, scale, powers)
	}
	if r := c.Readout(); r != nil {
		out.Confuse(r...)
	}
	return out, reached, errors.WithMessage(out.Err(), "mitigate: Fold")
}

// addTo appends the gate, or its inverse, with its channels.
func (g group) addTo(out *circuit.Noisy, inverse bool) {
	o := g[0].Operation
	if inverse {
		o = o.Adjoint()
	}
	out.Apply(o)
	for _, s := range g[1:] {
		out.Disturb(s.Channel, s.Qubits...)
	}
}

func (g group) noisy() bool { return len(g) > 1 }

// foldGates appends each gate with as many pairs as the scale asks for, and returns the scale reached.
func foldGates(out *circuit.Noisy, groups []group, scale float64, powers bool) float64 {
	total, sizes := 0, map[int]int{} // noisy gates, by their number of qubits
	for _, g := range groups {
		if g.noisy() {
			sizes[len(g[0].Operation.AllQubits())]++
			total++
		}
	}
	seen, pairs := map[int]int{}, 0
	for _, g := range groups {
		if !g.noisy() {
			g.addTo(out, false)
			continue
		}
		size := len(g[0].Operation.AllQubits())
		wanted := int(math.Round(float64(sizes[size]) * (scale - 1) / 2))
		n := seen[size]
		seen[size]++
		own := (n+1)*wanted/sizes[size] - n*wanted/sizes[size]
		pairs += own
		if keep, ok := g.depolarises(); ok && powers {
			g.addPower(out, keep, 1+2*own)
			continue
		}
		g.addTo(out, false)
		for range own {
			g.addTo(out, true)
			g.addTo(out, false)
		}
	}
	return scaleOf(pairs, total)
}

// foldWhole appends the circuit and its pairs, and returns the scale reached.
func foldWhole(out *circuit.Noisy, groups []group, scale float64) float64 {
	total := 0
	for _, g := range groups {
		if g.noisy() {
			total++
		}
		g.addTo(out, false)
	}
	wanted, pairs := int(math.Round(float64(total)*(scale-1)/2)), 0
	for pairs < wanted {
		from := len(groups)
		for room := wanted - pairs; from > 0 && room > 0; from-- {
			if groups[from-1].noisy() {
				room--
				pairs++
			}
		}
		for i := len(groups) - 1; i >= from; i-- {
			groups[i].addTo(out, true)
		}
		for _, g := range groups[from:] {
			g.addTo(out, false)
		}
	}
	return scaleOf(pairs, total)
}

func scaleOf(pairs, total int) float64 {
	if total == 0 {
		return 1
	}
	return 1 + 2*float64(pairs)/float64(total)
}

// Fold returns the circuit at each of the scales, and the extrapolation from those that were reached. It
// returns the errors of Check and Fold, and one for a circuit with too few noisy gates for these scales; for
// a circuit without any there is nothing to scale: then all circuits are the same, and the values at the
// first scale count.
func (z ZNE) Fold(c *circuit.Noisy) ([]*circuit.Noisy, *Extrapolation, error) {
	return z.fold(c, false)
}

func (z ZNE) fold(c *circuit.Noisy, powers bool) ([]*circuit.Noisy, *Extrapolation, error) {
	if err := z.check(); err != nil {
		return nil, nil, err
	}
	var all []*circuit.Noisy
	var reached []float64
	for _, s := range z.Scales {
		folded, r, err := fold(c, s, z.Circuit, powers)
		if err != nil {
			return nil, nil, err
		}
		all, reached = append(all, folded), append(reached, r)
	}
	if c.Channels() == 0 {
		e := &Extrapolation{coefficients: make([]float64, len(all))}
		e.coefficients[0] = 1
		return all, e, nil
	}
	for i, r := range reached {
		if i > 0 && r <= reached[i-1] {
			return nil, nil, errors.Errorf("mitigate: scales %v become %v with the noisy gates that there "+
				"are: want others, such as 1, 3 and 5", z.Scales, reached)
		}
	}
	e, err := z.At(reached)
	return all, e, err
}
