package statevec

import "slices"

// simplify joins neighbouring constants of every rotate op and turns ops that are simpler than they look into
// permute and phase ops, or drops them.
func simplify(ops []*op) []*op {
	out := make([]*op, 0, len(ops))
	for _, o := range splitFactors(ops) {
		if o.kind == opRotate {
			o.factors = joinConstants(o.factors)
			switch {
			case len(o.factors) == 0:
				continue
			case len(o.factors) == 1 && o.factors[0].constant() && o.factors[0].m == matrix2{0, 1, 1, 0}:
				o.kind = opPermute
			case !slices.ContainsFunc(o.factors, func(f factor) bool { return !f.diagonal() }):
				o.asPhase()
			}
		}
		out = append(out, o)
	}
	return out
}

// splitFactors splits each rotate op whose factors are real or diagonal into ops that are: a real one acts on
// real and imaginary parts alike, and the phases of many qubits are one pass.
func splitFactors(ops []*op) []*op {
	out := make([]*op, 0, len(ops))
	for _, o := range ops {
		mixed := func(f factor) bool { return !f.real() && !f.diagonal() }
		if o.kind != opRotate || o.real() || slices.ContainsFunc(o.factors, mixed) {
			out = append(out, o)
			continue
		}
		first := 0
		for i := 1; i <= len(o.factors); i++ {
			if i < len(o.factors) && o.factors[i].real() == o.factors[first].real() {
				continue
			}
			split := *o
			split.factors, first = slices.Clip(o.factors[first:i]), i
			out = append(out, &split)
		}
	}
	return out
}

func (f *factor) real() bool {
	if f.constant() {
		return f.m.real()
	}
	return f.exp.real()
}

func (f *factor) diagonal() bool {
	if f.constant() {
		return f.m.diagonal()
	}
	return f.exp.g.diagonal()
}

func joinConstants(factors []factor) []factor {
	out := factors[:0]
	for _, f := range factors {
		if n := len(out); n > 0 && f.constant() && out[n-1].constant() {
			out[n-1].m = f.m.mul(out[n-1].m)
		} else {
			out = append(out, f)
		}
	}
	return slices.DeleteFunc(out, func(f factor) bool { return f.constant() && f.m.near(identity2) })
}

func (o *op) asPhase() {
	o.kind = opPhase
	size := 1 << len(o.qubits)
	for _, f := range o.factors {
		t := term{qubits: o.qubits, angle: f.angle}
		if f.constant() {
			t.constants = slices.Repeat([]complex128{1}, size)
			t.constants[o.lo], t.constants[o.hi] = f.m[0], f.m[3]
		} else {
			t.values = make([]float64, size)
			t.values[o.lo], t.values[o.hi] = real(f.exp.g[0]), real(f.exp.g[3])
		}
		o.terms = append(o.terms, t)
	}
	o.factors = nil
}
