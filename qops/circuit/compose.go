package circuit

import "slices"

// derive returns a new circuit on n qubits with the given operations and the errors of c.
func (c *Circuit) derive(n int, ops []Operation) *Circuit {
	c = c.orBroken()
	out := New(n)
	if n == c.qubits {
		out = &Circuit{qubits: n} // if the size is wrong, c says so already
	}
	out.ops, out.errs, out.refused = ops, append(out.errs, c.errs...), c.refused
	return out
}

// mapOps returns a copy of the circuit with each operation replaced by another one, named in errors.
func (c *Circuit) mapOps(name string, replace func(Operation) Operation) *Circuit {
	out := c.derive(c.qubits, nil)
	for _, g := range c.ops {
		if out.add(name+": "+g.Name(), replace(g)); len(out.errs) > len(c.errs) {
			return out
		}
	}
	return out
}

// Append appends the operations of o, its qubit i placed on qubits[i]; without qubits, on the same ones.
// Angles keep their indices: see OffsetParams.
func (c *Circuit) Append(o *Circuit, qubits ...int) *Circuit {
	c = c.orBroken()
	if o == nil {
		return c.failf("circuit: Append: the circuit is nil")
	}
	var place func(int) int
	if len(qubits) > 0 {
		if len(qubits) != o.qubits {
			return c.failf("circuit: Append: want %d qubits, got %d", o.qubits, len(qubits))
		}
		place = func(q int) int { return qubits[q] }
	}
	if err := o.Err(); err != nil {
		c.refused += len(o.ops) + o.refused
		return c.Fail(err)
	}
	for _, g := range slices.Clone(o.ops) { // cloned: o may be c
		before := len(c.errs)
		if c.add("Append: "+g.Name(), g.Map(place, nil)); len(c.errs) > before {
			break
		}
	}
	return c
}

// Compose returns a new circuit: c followed by o on the same qubits.
func (c *Circuit) Compose(o *Circuit) *Circuit {
	c = c.orBroken()
	return c.derive(c.qubits, slices.Clone(c.ops)).Append(o)
}

// Adjoint returns the inverse circuit.
func (c *Circuit) Adjoint() *Circuit {
	c = c.orBroken()
	return c.derive(c.qubits, adjointOps(c.ops))
}

// Controlled returns the circuit that acts as c where further qubits, put in front of c's, are all 1. It has
// controls + n qubits.
func (c *Circuit) Controlled(controls int) *Circuit {
	c = c.orBroken()
	if controls < 0 || controls > MaxQubits {
		return c.derive(c.qubits, nil).
			failf("circuit: Controlled: want 0 to %d controls, got %d", MaxQubits, controls)
	}
	extra := register(0, controls)
	ops := make([]Operation, len(c.ops))
	for i, g := range c.ops {
		ops[i] = g.Map(func(q int) int { return q + controls }, nil).Controlled(extra...)
	}
	return c.derive(controls+c.qubits, ops)
}

// OffsetParams returns a copy whose theta and data indices are larger by the given offsets, so that two
// circuits can be joined without sharing angles.
func (c *Circuit) OffsetParams(theta, data int) *Circuit {
	offset := [...]int{Trainable: theta, Input: data}
	return c.orBroken().mapOps("OffsetParams", func(g Operation) Operation {
		return g.Map(nil, func(a Angle) Angle {
			a.Index += offset[a.Source]
			return a
		})
	})
}

// Bind returns a copy with numbers for its angles: theta and one row of data, in radians; nil leaves those as
// they are. The copy has an error (Err) if one is given and too short, or a number is not finite.
func (c *Circuit) Bind(theta, data []float64) *Circuit {
	c = c.orBroken()
	if theta != nil && len(theta) < c.NumTheta() || data != nil && len(data) < c.NumData() {
		return c.derive(c.qubits, nil).failf("circuit: Bind: want %d theta and %d data, got %d and %d",
			c.NumTheta(), c.NumData(), len(theta), len(data))
	}
	return c.mapOps("Bind", func(g Operation) Operation {
		return g.Map(nil, func(a Angle) Angle { return a.bind(theta, data) })
	})
}
