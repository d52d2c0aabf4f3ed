package statevec

import "slices"

// classify joins neighbouring constants of every rotate op and turns ops that are simpler than they look into permute and phase ops, or drops them.
func classify(ops []op) []op {
	var out []op
	for _, o := range parted(ops) {
		if o.kind == opRotate {
			o.factors = joinConstants(o.factors)
			switch {
			case len(o.factors) == 0:
				continue
			case len(o.factors) == 1 && o.factors[0].constant() && o.factors[0].m == mat2{0, 1, 1, 0}:
				o.kind = opPermute
			case !slices.ContainsFunc(o.factors, func(f factor) bool { return !f.diagonal() }):
				o.asPhase()
			}
		}
		out = append(out, o)
	}
	return out
}

// parted splits each rotate op whose factors are real or diagonal into ops that are: a real one acts on real and imaginary parts alike, and the phases of many qubits are one pass.
func parted(ops []op) (out []op) {
	for _, o := range ops {
		if o.kind != opRotate || o.real() || slices.ContainsFunc(o.factors, func(f factor) bool { return !f.real() && !f.diagonal() }) {
			out = append(out, o)
			continue
		}
		for i, f := range o.factors {
			if last := len(out) - 1; i > 0 && f.real() == out[last].factors[0].real() {
				out[last].factors = append(out[last].factors, f)
			} else {
				part := o
				part.factors = []factor{f}
				out = append(out, part)
			}
		}
	}
	return out
}

func (f *factor) real() bool {
	if f.constant() {
		return f.m.real()
	}
	return f.gen.turned().real()
}

func (f *factor) diagonal() bool {
	if f.constant() {
		return f.m.diagonal()
	}
	return f.gen.g.diagonal()
}

func joinConstants(factors []factor) []factor {
	var out []factor
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
			t.values[o.lo], t.values[o.hi] = real(f.gen.g[0]), real(f.gen.g[3])
		}
		o.terms = append(o.terms, t)
	}
	o.factors = nil
}
