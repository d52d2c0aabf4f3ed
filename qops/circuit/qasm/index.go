package qasm

import (
	"math"
	"strconv"
)

// indexed returns a part of qubits, bits, an array, or one bit of an integer.
func (r *reader) indexed(e *expr) value {
	v := r.eval(e.args[0])
	if v.kind == kindArray {
		return r.element(e, v, e.args[1:])
	}
	for _, index := range e.args[1:] {
		if r.p.err != nil {
			return value{}
		}
		switch v.kind {
		case kindQubits:
			places, single := r.places(index, len(v.qubits))
			out := make([]int, len(places))
			for i, at := range places {
				out[i] = v.qubits[at]
			}
			v = value{kind: kindQubits, qubits: out, single: single}
		case kindBits:
			places, single := r.places(index, len(v.bits))
			out := value{kind: kindBits, single: single}
			for _, at := range places {
				out.bits = append(out.bits, v.bits[at])
			}
			v = out
		case kindInt:
			places, single := r.places(index, 63)
			out := value{kind: kindBits, single: single}
			for _, at := range places {
				out.bits = append(out.bits, knownBit(v.n>>at&1 == 1))
			}
			v = out
		default:
			r.p.failAt(e.pos, "%s has no parts", r.describe(v))
		}
	}
	return v
}

// element returns a part of an array; each index is of one dimension, those of a range or a set stay.
func (r *reader) element(e *expr, v value, indices []*expr) value {
	if len(indices) == 0 || r.p.err != nil {
		return v
	}
	if v.kind != kindArray {
		r.p.failAt(e.pos, "more indices than the array has")
		return value{}
	}
	places, single := r.places(indices[0], len(v.items))
	if single {
		return r.element(e, v.items[places[0]], indices[1:])
	}
	out := value{kind: kindArray}
	for _, at := range places {
		out.items = append(out.items, r.element(e, v.items[at], indices[1:]))
	}
	return out
}

// places returns the indices that an index names, of n, and whether it is a single one.
func (r *reader) places(e *expr, n int) ([]int, bool) {
	at := func(e *expr) (int64, bool) {
		given, ok := r.wholeOf(e)
		i := given
		if i < 0 && r.p.version == 3 {
			i += int64(n)
		}
		if ok && (i < 0 || i >= int64(n)) {
			r.p.failAt(e.pos, "index %d out of range [0,%d)", given, n)
		}
		return i, r.p.err == nil
	}
	var out []int
	switch e.op {
	case opRange:
		for i := range r.rangeOf(e, n).each() {
			r.work(e.pos, 1)
			if i < 0 || i >= int64(n) {
				r.p.failAt(e.pos, "index %d out of range [0,%d)", i, n)
				return nil, false
			}
			out = append(out, int(i))
		}
		if len(out) == 0 {
			r.p.failAt(e.pos, "the range is empty")
		}
	case opSet:
		if len(e.args) == 0 {
			r.p.failAt(e.pos, "the set is empty")
		}
		for _, item := range e.args {
			if i, ok := at(item); ok {
				out = append(out, int(i))
			}
		}
	default:
		if i, ok := at(e); ok {
			return []int{int(i)}, true
		}
	}
	return out, false
}

// rangeOf returns the numbers of a range, both ends included; n is the size of what it is a range of, 0 for
// none.
func (r *reader) rangeOf(e *expr, n int) span {
	bounds := [3]int64{0, 1, int64(n) - 1}
	for i, part := range e.args {
		if part == nil {
			if n == 0 && i != 1 {
				r.p.failAt(e.pos, "want both ends of a range")
			}
			continue
		}
		v, ok := r.wholeOf(part)
		if !ok {
			return span{}
		}
		if bounds[i] = v; n > 0 && i != 1 && v < 0 {
			bounds[i] += int64(n)
		}
	}
	start, step, stop := bounds[0], bounds[1], bounds[2]
	if step == 0 {
		r.p.failAt(e.pos, "the step of a range is 0")
		return span{}
	}
	if e.args[1] != nil && step < 0 && n > 0 {
		if e.args[0] == nil {
			start = int64(n) - 1
		}
		if e.args[2] == nil {
			stop = 0
		}
	}
	return span{start, step, stop}
}

// wholeOf returns an expression that must be a whole number, known while the program is read.
func (r *reader) wholeOf(e *expr) (int64, bool) {
	v := r.eval(e)
	if r.p.err != nil {
		return 0, false
	}
	n, ok := v.whole()
	if v.kind == kindFloat && !v.cut && v.x != math.Trunc(v.x) {
		ok = false
	}
	if !ok {
		what := r.describe(v)
		if v.measured() {
			what = "bits that are measured"
		}
		r.p.failAt(e.pos, "want a whole number that is known while the program is read, got %s", what)
	}
	return n, ok
}

func itoa(n int) string { return strconv.Itoa(n) }
