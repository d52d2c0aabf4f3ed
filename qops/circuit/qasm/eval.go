package qasm

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/qops/circuit"
)

// constants of each version.
var constants = map[int]map[string]float64{
	2: {"pi": math.Pi},
	3: {"pi": math.Pi, "π": math.Pi, "tau": 2 * math.Pi, "τ": 2 * math.Pi, "euler": math.E, "ℇ": math.E},
}

// functions of one real number, of each version; those of version 2 by arc or a are of common extensions.
var functions = map[int]map[string]func(float64) float64{
	2: {"sin": math.Sin, "cos": math.Cos, "tan": math.Tan, "exp": math.Exp, "ln": math.Log, "sqrt": math.Sqrt,
		"asin": math.Asin, "acos": math.Acos, "atan": math.Atan},
	3: {"sin": math.Sin, "cos": math.Cos, "tan": math.Tan, "exp": math.Exp, "log": math.Log,
		"sqrt":   math.Sqrt,
		"arcsin": math.Asin, "arccos": math.Acos, "arctan": math.Atan, "ceiling": math.Ceil,
		"floor": math.Floor},
}

// eval returns the value of an expression.
func (r *reader) eval(e *expr) value {
	if r.work(e.pos, 1); r.p.err != nil {
		return value{}
	}
	switch e.op {
	case opNumber:
		if e.number.whole {
			return integer(e.number.n)
		}
		out := realValue(e.number.x)
		if strings.HasPrefix(e.text, "0x") || !strings.ContainsAny(e.text, ".eE") {
			out.beyond = &overflow{e.pos, e.text}
		}
		return out
	case opTime, opDuration:
		return value{kind: kindDuration}
	case opBool:
		return boolean(knownBit(e.text == "true"))
	case opBits:
		return r.bitString(e)
	case opName:
		return r.named(e)
	case opHardware:
		return value{kind: kindQubits, qubits: []int{r.hardware(e)}, single: true}
	case opUnary:
		return r.unary(e, r.eval(e.args[0]))
	case opBinary:
		v := r.binary(e)
		r.fitsCondition(e.pos, v)
		return v
	case opCall:
		return r.function(e)
	case opCast:
		return r.cast(e.pos, e.typ, r.eval(e.args[0]), true)
	case opIndex:
		return r.indexed(e)
	case opMeasure:
		q := r.qubits(e.args[0])
		if r.p.err != nil {
			return value{}
		}
		slots := r.newBits(e.pos, "measured", len(q.qubits), q.single)
		r.measureInto(e.pos, q.qubits, slots)
		out := value{kind: kindBits, single: q.single}
		for _, slot := range slots {
			out.bits = append(out.bits, slotBit(slot))
		}
		return out
	case opSet:
		out := value{kind: kindArray}
		for _, item := range e.args {
			out.items = append(out.items, r.eval(item))
		}
		return out
	}
	r.p.failAt(e.pos, "a range stands only in an index or after in")
	return value{}
}

func (r *reader) bitString(e *expr) value {
	out := value{kind: kindBits}
	text := strings.ReplaceAll(e.text, "_", "")
	for i := range len(text) {
		c := text[len(text)-1-i]
		if c != '0' && c != '1' {
			r.p.failAt(e.pos, "want a text of 0 and 1, got %q", e.text)
		}
		out.bits = append(out.bits, knownBit(c == '1'))
	}
	if text == "" {
		r.p.failAt(e.pos, "want a text of 0 and 1, got %q", e.text)
	}
	return out
}

func (r *reader) named(e *expr) value {
	s := r.scope.find(e.text)
	if s == nil {
		if x, ok := constants[r.p.version][e.text]; ok {
			return realValue(x)
		}
		r.p.failAt(e.pos, "unknown name %q", e.text)
		return value{}
	}
	switch {
	case s.typ == "def", s.typ == "extern":
		r.p.failAt(e.pos, "%s is a subroutine", e.text)
	case s.value.kind == kindNone && (s.typ == "bit" || s.typ == "bool"):
		r.hold(e.pos, s)
	case s.value.kind == kindNone:
		r.p.failAt(e.pos, "%s has no value yet", e.text)
	case s.value.kind == kindUnknown:
		r.p.failAt(e.pos, "the input %s has no value, and one is needed while the program is read%s", e.text,
			r.howToGive(e.text))
	}
	return s.value
}

func (r *reader) unary(e *expr, a value) value {
	switch {
	case r.p.err != nil:
	case e.text == "!":
		if b, ok := a.truth(); ok {
			out := boolean(b.not())
			r.fitsCondition(e.pos, out)
			return out
		}
	case e.text == "~" && a.kind == kindBits:
		out := a
		out.bits = nil
		for _, b := range a.bits {
			out.bits = append(out.bits, b.not())
		}
		r.fitsCondition(e.pos, out)
		return out
	case e.text == "~":
	case a.kind == kindInt:
		return r.arithmetic(e.pos, "-", value{kind: kindInt}, a)
	case a.beyond != nil && a.beyond.text == "9223372036854775808": // its negative is an integer
		return integer(math.MinInt64)
	case a.kind == kindDuration:
		return a
	default:
		if x, ok := a.asAngle(); ok {
			return fromAngle(x.Times(-1))
		}
	}
	want := map[string]string{"~": "bits", "!": "bits or a number", "-": "a number"}[e.text]
	r.p.failAt(e.pos, "%s: want %s, got %s", e.text, want, r.describe(a))
	return value{}
}

// fromAngle returns an angle as a value: a number if it is one.
func fromAngle(a circuit.Angle) value {
	if a.Source == circuit.Constant {
		return realValue(a.Shift)
	}
	return value{kind: kindAngle, angle: a}
}

// function calls a function of the language, or a subroutine.
func (r *reader) function(e *expr) value {
	if s := r.scope.find(e.text); s != nil && (s.typ == "def" || s.typ == "extern") {
		return r.callRoutine(e.pos, s, e.args)
	}
	args := make([]value, len(e.args))
	for i, a := range e.args {
		args[i] = r.eval(a)
	}
	if r.p.err != nil {
		return value{}
	}
	if f := functions[r.p.version][e.text]; f != nil && len(args) == 1 {
		if x, ok := args[0].real(); ok {
			return realValue(f(x))
		}
		if args[0].kind == kindAngle {
			name := r.inputOf(args[0].angle)
			r.p.failAt(e.pos, "%s of the input %s, which has no value%s: else angles are multiples of an "+
				"input plus a number", e.text,
				name, r.howToGive(name))
		}
		r.p.failAt(e.pos, "%s: want a number, got %s", e.text, r.describe(args[0]))
		return value{}
	}
	if r.p.version == 3 {
		if v, ok := r.more(e, args); ok {
			return v
		}
	}
	r.unknownFunction(e)
	return value{}
}

// arguments are those of the functions that are none of one real number.
var arguments = map[string]string{"mod": "2 numbers", "pow": "2 numbers",
	"popcount": "bits or an integer that are known", "rotl": "bits and a number", "rotr": "bits and a number",
	"sizeof": "an array, and an index of it or none"}

// unknownFunction says that there is no such function, or what it wants.
func (r *reader) unknownFunction(e *expr) {
	names := slices.Sorted(maps.Keys(functions[r.p.version]))
	want := ""
	if slices.Contains(names, e.text) {
		want = "1 number"
	} else if r.p.version == 3 {
		names, want = append(names, slices.Sorted(maps.Keys(arguments))...), arguments[e.text]
	}
	if want != "" {
		r.p.failAt(e.pos, "%s: want %s", e.text, want)
		return
	}
	r.p.failAt(e.pos, "unknown function %q%s", e.text, suggest.Among(e.text, names))
}

// more are the functions of version 3 that are none of one real number.
func (r *reader) more(e *expr, args []value) (value, bool) {
	switch {
	case e.text == "mod" && len(args) == 2:
		return r.arithmetic(e.pos, "%", args[0], args[1]), true
	case e.text == "pow" && len(args) == 2:
		return r.arithmetic(e.pos, "power", args[0], args[1]), true
	case e.text == "popcount" && len(args) == 1:
		n, ok := args[0].whole()
		if !ok {
			return value{}, false
		}
		count := 0
		for u := uint64(n); u != 0; u &= u - 1 {
			count++
		}
		return integer(int64(count)), true
	case (e.text == "rotl" || e.text == "rotr") && len(args) == 2 && args[0].kind == kindBits:
		by, ok := args[1].whole()
		if !ok {
			return value{}, false
		}
		if e.text == "rotr" {
			by = -by
		}
		n := int64(len(args[0].bits))
		out := args[0]
		out.bits = make([]bit, n)
		for i := range n {
			out.bits[((i+by)%n+n)%n] = args[0].bits[i]
		}
		return out, true
	case e.text == "sizeof" && len(args) >= 1 && args[0].kind == kindArray:
		v, depth := args[0], int64(0)
		if len(args) == 2 {
			depth, _ = args[1].whole()
		}
		for ; depth > 0 && len(v.items) > 0; depth-- {
			v = v.items[0]
		}
		return integer(int64(len(v.items))), true
	}
	return value{}, false
}
