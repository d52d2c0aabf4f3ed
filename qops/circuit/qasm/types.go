package qasm

import (
	"math"

	"github.com/hqvit/hqvit/internal/words"
)

// sizeOf returns the size of a type, 0 if it has none.
func (r *reader) sizeOf(t *typeSpec) int {
	if t.size == nil {
		return 0
	}
	return r.positive(t.size, "a size", maxRegisters)
}

// positive returns an expression that must be a known whole number from 1 to most.
func (r *reader) positive(e *expr, what string, most int) int {
	n, ok := r.wholeOf(e)
	if ok && (n < 1 || n > int64(most)) {
		r.p.failAt(e.pos, "want %s from 1 to %d, got %d", what, most, n)
		return 1
	}
	return int(n)
}

// cast returns the value as one of a type. Bits take the form of a number only where explicit is set.
func (r *reader) cast(pos position, t *typeSpec, v value, explicit bool) value {
	return r.castTo(pos, t.name, r.sizeOf(t), v, explicit)
}

func (r *reader) castTo(pos position, name string, size int, v value, explicit bool) value {
	if r.p.err != nil {
		return value{}
	}
	out, ok := value{}, false
	switch name {
	case "int", "uint":
		out, ok = castWhole(v, name == "int", size)
		if ok && out.kind == kindBits && !explicit {
			r.p.failAt(pos, "%s: its value would depend on measured bits: only bits do, declare it as bit",
				name)
		}
	case "float":
		out, ok = castReal(v)
	case "angle":
		if out, ok = castReal(v); ok && out.kind == kindFloat && size > 0 {
			out.x = onGrid(out.x, size)
		}
	case "bool":
		var b bit
		b, ok = v.truth()
		out = boolean(b)
	case "bit", "creg":
		if out, ok = castBits(v, size); !explicit && v.kind == kindInt && !fitsBits(v.n, size) {
			ok = false
		}
	case "duration", "stretch":
		out, ok = v, v.kind == kindDuration
	case "array":
		out, ok = v, v.kind == kindArray
	}
	if !ok {
		r.p.failAt(pos, "want %s, got %s", withSize(name, size), r.describeBits(v))
	}
	return out
}

func withSize(name string, size int) string {
	if size > 0 {
		return name + "[" + itoa(size) + "]"
	}
	return name
}

func (r *reader) describeBits(v value) string {
	if _, ok := v.known(); v.kind == kindBits && !v.single && (ok || v.measured()) {
		return withSize("bit", len(v.bits))
	}
	return r.describe(v)
}

func castWhole(v value, signed bool, size int) (value, bool) {
	if v.measured() {
		if size == 0 {
			size = max(len(v.bits), 1)
			signed = false // as wide as the machine's: the sign is never reached
		}
		out := value{kind: kindBits, signed: signed, bits: append([]bit(nil), v.bits[:min(size,
			len(v.bits))]...)}
		if len(v.bits) < size {
			if v.signed {
				return value{}, false
			}
			out.signed = false
		}
		return out, true
	}
	if size > 0 && v.kind == kindBits && !v.signed { // those that are cut off do not count
		v.bits = v.bits[:min(size, len(v.bits))]
		if len(v.bits) == 64 && signed {
			v.signed = true
		}
	}
	n, ok := v.whole()
	if size > 0 && size < 64 { // what does not fit is cut off
		if n <<= 64 - size; signed {
			n >>= 64 - size
		} else {
			n = int64(uint64(n) >> (64 - size))
		}
	}
	return value{kind: kindInt, n: n, typed: true}, ok && (signed || n >= 0) // no more than 63 bits are held
}

func castReal(v value) (value, bool) {
	if v.kind == kindAngle {
		return v, true
	}
	x, ok := v.real()
	return realValue(x), ok
}

// onGrid returns an angle as a type of so many bits holds it: the nearest multiple of 2π/2^size in [0, 2π).
func onGrid(x float64, size int) float64 {
	steps := math.Ldexp(1, size)
	if size > 50 {
		return x
	}
	n := math.Mod(math.RoundToEven(x/(2*math.Pi)*steps), steps)
	if n < 0 {
		n += steps
	}
	return n * 2 * math.Pi / steps
}

// fitsBits tells whether so many bits hold a number, with or without a sign; size 0 is one bit.
func fitsBits(n int64, size int) bool {
	size = max(1, size)
	return size > 63 || n>>size == 0 || size > 1 && n>>(size-1) == -1
}

func castBits(v value, size int) (value, bool) {
	if size == 0 {
		b, ok := v.truth()
		return boolean(b), ok
	}
	if v.kind == kindBits {
		v.single, v.signed = false, false
		return v, len(v.bits) == size
	}
	n, ok := v.whole()
	out := value{kind: kindBits}
	for i := range size {
		out.bits = append(out.bits, knownBit(n>>min(i, 63)&1 == 1))
	}
	return out, ok && v.kind == kindInt
}

// declareVariable reads a declaration of classical values.
func (r *reader) declareVariable(s *declareStmt) {
	t := s.typ
	if s.mode == "input" {
		r.input(s)
		return
	}
	if t.name == "array" {
		r.declareArray(s)
		return
	}
	name := t.name
	if name == "creg" {
		name = "bit"
	}
	sym := &symbol{name: s.name.text, typ: name, width: r.sizeOf(t), fixed: s.mode == "const"}
	switch {
	case r.p.err != nil:
		return
	case s.init == nil && (name == "duration" || name == "stretch"):
		sym.value = value{kind: kindDuration}
	case s.init != nil && s.init.op == opMeasure && name == "bit":
		r.declare(s.name.pos, sym)
		r.measureTo(s.init.pos, s.init.args[0], sym, nil)
		return
	case s.init != nil:
		if sym.value = r.cast(s.init.pos, t, r.eval(s.init), false); sym.fixed && sym.value.kind == kindBits {
			if sym.value.measured() {
				r.p.failAt(s.init.pos, "const %s: want a value that is known while the program is read",
					sym.name)
			}
		}
	}
	if r.p.err != nil {
		return
	}
	r.declareBits(s.name.pos, sym)
}

// declareBits declares a variable, and gives global and measured bits their place in the program.
func (r *reader) declareBits(pos position, sym *symbol) {
	r.declare(pos, sym)
	if sym.typ != "bit" && sym.typ != "bool" {
		return
	}
	global := r.scope.outer == nil && sym.typ == "bit" && !sym.fixed
	if global && !r.gate || sym.value.measured() {
		init := sym.value
		sym.value = value{}
		r.hold(pos, sym)
		if init.kind == kindBits && r.p.err == nil {
			r.setBits(pos, sym, register(0, len(init.bits)), init.bits)
		}
	}
}

// declareArray reads a declaration of an array; elements without a value are zeros.
func (r *reader) declareArray(s *declareStmt) {
	sym := &symbol{name: s.name.text, typ: "array", fixed: s.mode == "const", base: s.typ.base.name,
		width: r.sizeOf(s.typ.base)}
	if len(s.typ.dims) == 0 {
		r.p.failAt(s.name.pos, "array %s: want the number of its elements", sym.name)
		return
	}
	total := 1
	for _, d := range s.typ.dims {
		sym.dims = append(sym.dims, r.positive(d, "a size", maxRegisters))
		if total *= sym.dims[len(sym.dims)-1]; total > maxRegisters {
			r.p.failAt(d.pos, "want at most %d elements of an array", maxRegisters)
			return
		}
	}
	var build func(e *value, depth int) value
	build = func(given *value, depth int) value {
		if r.p.err != nil {
			return value{}
		}
		if depth == len(sym.dims) {
			if given == nil {
				given = &value{kind: kindInt}
				if sym.base == "duration" || sym.base == "stretch" {
					given.kind = kindDuration
				}
			}
			return r.castTo(s.name.pos, sym.base, sym.width, *given, false)
		}
		if given != nil && (given.kind != kindArray || len(given.items) != sym.dims[depth]) {
			r.p.failAt(s.init.pos, "array %s: want %s", sym.name, words.Count(sym.dims[depth], "element"))
			return value{}
		}
		out := value{kind: kindArray}
		for i := range sym.dims[depth] {
			var item *value
			if given != nil {
				item = &given.items[i]
			}
			out.items = append(out.items, build(item, depth+1))
		}
		return out
	}
	var given *value
	if s.init != nil {
		v := r.eval(s.init)
		given = &v
	}
	if r.p.err == nil {
		sym.value = build(given, 0)
		r.declare(s.name.pos, sym)
	}
}
