package statevec

import "slices"

// classify joins neighbouring constants of every rotate op and turns ops that are simpler than they look into permute and phase ops, or drops them.
func classify(ops []op) []op {
	var out []op
	for _, o := range ops {
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

// maxAngles bounds the angles of one phase op: the number of its distinct phases is at most two to this power for the gates of the table.
const maxAngles = 3

// mergePhases moves every phase op back to an earlier one if nothing but phases stands between them on its qubits.
func mergePhases(ops []op, n int) []op {
	var out []op
	barrier := slices.Repeat([]int{-1}, n) // by qubit: the last op that is no phase
	for _, o := range ops {
		if o.kind != opPhase {
			for _, q := range o.qubits {
				barrier[q] = len(out)
			}
			out = append(out, o)
			continue
		}
		from := -1
		for _, q := range o.qubits {
			from = max(from, barrier[q])
		}
		if i := mergeable(out, from, o); i >= 0 {
			out[i].terms = append(out[i].terms, o.terms...)
			out[i].qubits = union(out[i].qubits, o.qubits)
		} else {
			out = append(out, o)
		}
	}
	return out
}

// mergeable returns the last phase op after from that has room for o, −1 if there is none.
func mergeable(ops []op, from int, o op) int {
	for i := len(ops) - 1; i > from; i-- {
		if p := &ops[i]; p.kind == opPhase && len(p.angles())+len(o.angles()) <= maxAngles && len(union(p.qubits, o.qubits)) <= tileQubits {
			return i
		}
	}
	return -1
}
