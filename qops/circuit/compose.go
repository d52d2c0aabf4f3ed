package circuit

import "slices"

func sameQubit(q int) int     { return q }
func sameAngle(a Angle) Angle { return a }

// derived returns a new circuit on n qubits with the given gates and the errors of c.
func (c *Circuit) derived(n int, gates []Operation) *Circuit {
	out := New(n)
	out.ops = gates
	out.errs = append(out.errs, c.errs...)
	return out
}

// Append appends the gates of o, its qubit i placed on qubits[i]; without qubits, on the same ones. Angles keep their indices: see Shifted.
func (c *Circuit) Append(o *Circuit, qubits ...int) *Circuit {
	if o == nil {
		c.fail("circuit: Append: circuit is nil")
		return c
	}
	place := sameQubit
	if len(qubits) > 0 {
		if len(qubits) != o.qubits {
			c.fail("circuit: Append: want %d qubits, got %d", o.qubits, len(qubits))
			return c
		}
		place = func(q int) int { return qubits[q] }
	}
	c.errs = append(c.errs, o.errs...)
	for _, g := range slices.Clone(o.ops) { // cloned: o may be c
		g = g.mapped(place, sameAngle)
		if err := g.check("Append: "+g.Name(), c.qubits); err != nil {
			c.failed(err)
			return c
		}
		c.ops = append(c.ops, g)
	}
	return c
}

// Compose returns a new circuit: c followed by o on the same qubits.
func (c *Circuit) Compose(o *Circuit) *Circuit {
	return c.derived(c.qubits, slices.Clone(c.ops)).Append(o)
}

// Adjoint returns the inverse circuit.
func (c *Circuit) Adjoint() *Circuit {
	gates := make([]Operation, 0, len(c.ops))
	for _, g := range slices.Backward(c.ops) {
		gates = append(gates, g.Adjoint())
	}
	return c.derived(c.qubits, gates)
}

// Controlled returns the circuit that acts as c where further qubits, put in front of c's, are all 1. It has controls + n qubits.
func (c *Circuit) Controlled(controls int) *Circuit {
	if controls < 0 {
		out := c.derived(c.qubits, nil)
		out.fail("circuit: Controlled: want 0 or more controls, got %d", controls)
		return out
	}
	extra := make([]int, controls)
	for i := range extra {
		extra[i] = i
	}
	gates := make([]Operation, len(c.ops))
	for i, g := range c.ops {
		g = g.mapped(func(q int) int { return q + controls }, sameAngle)
		g.Controls = slices.Concat(extra, g.Controls)
		gates[i] = g
	}
	return c.derived(controls+c.qubits, gates)
}

// OffsetParams returns a copy whose theta and data indices are larger by the given offsets, so that two circuits can be joined without sharing angles.
func (c *Circuit) OffsetParams(theta, data int) *Circuit {
	offset := map[Source]int{Trainable: theta, Input: data}
	out := c.derived(c.qubits, nil)
	for _, g := range c.ops {
		g = g.mapped(sameQubit, func(a Angle) Angle {
			a.Index += offset[a.Source]
			return a
		})
		if err := g.check("Shifted: "+g.Name(), c.qubits); err != nil {
			out.failed(err)
			return out
		}
		out.ops = append(out.ops, g)
	}
	return out
}

// Bind returns a copy with numbers for its angles: theta and one row of data, in radians; nil leaves those as they are. The copy has an error (Err) if one is given
// and too short, or a number is not finite.
func (c *Circuit) Bind(theta, data []float64) *Circuit {
	out := c.derived(c.qubits, nil)
	given := map[Source][]float64{Trainable: theta, Input: data}
	for s, n := range map[Source]int{Trainable: c.NumTheta(), Input: c.NumData()} {
		if given[s] != nil && len(given[s]) < n {
			out.fail("circuit: Bind: want %d theta and %d data, got %d and %d", c.NumTheta(), c.NumData(), len(theta), len(data))
			return out
		}
	}
	for _, g := range c.ops {
		g = g.mapped(sameQubit, func(a Angle) Angle {
			if given[a.Source] == nil {
				return a
			}
			return Const(a.Value(theta, data))
		})
		if err := g.check("Bind: "+g.Name(), c.qubits); err != nil {
			out.failed(err)
			return out
		}
		out.ops = append(out.ops, g)
	}
	return out
}
