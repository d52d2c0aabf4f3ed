package main

import "fmt"

// elements is what a loop over elements takes at a time: several vectors, one, or a single element, in lane 0
// of a vector whose other lanes are zero.
type elements struct {
	*neon
	vectors int
	single  bool
}

// bytes is how far a pointer moves.
func (e elements) bytes() int {
	if e.single {
		return e.size
	}
	return 16 * e.vectors
}

// new returns registers for as many.
func (e elements) new() []register {
	v := make([]register, e.vectors)
	for i := range v {
		v[i] = e.vector()
	}
	return v
}

// move moves a pointer on.
func (e elements) move(p register) { e.op(fmt.Sprintf("ADD $%d, R@", e.bytes()), "b", p) }

// load returns the elements at a pointer; take also moves the pointer on. store and put write, likewise.
func (e elements) load(p register) []register { return e.loading(p, false) }
func (e elements) take(p register) []register { return e.loading(p, true) }

func (e elements) store(v []register, p register) { e.storing(v, p, false) }
func (e elements) put(v []register, p register)   { e.storing(v, p, true) }

func (e elements) loading(p register, move bool) []register {
	v := e.new()
	e.moves("%s %s(R@), %s", "%s %s(R@), (%s)", "L", v, p, move)
	return v
}

func (e elements) storing(v []register, p register, move bool) {
	e.moves("%[1]s %[3]s, %[2]s(R@)", "%[1]s (%[3]s), %[2]s(R@)", "S", v, p, move)
}

// moves emits loads or stores, of which the first moves the pointer on.
func (e elements) moves(one, two, how string, v []register, p register, move bool) {
	load := how == "L"
	role, name := "u", "FMOVQ"
	if load {
		role = "d"
	}
	if e.single {
		name = e.pick("FMOVS", "FMOVD")
	}
	emit := func(text, name string, at int, of string, v ...register) {
		suffix, pointer := "", "u"
		if move && at == 0 {
			suffix, pointer, at = ".P", "b", e.bytes()
		} else if move {
			at -= e.bytes()
		}
		text = fmt.Sprintf(text, name+suffix, fmt.Sprint(at), of)
		if load {
			e.op(text, pointer+repeated(role, len(v)), append([]register{p}, v...)...)
		} else {
			e.op(text, repeated(role, len(v))+pointer, append(v, p)...)
		}
	}
	for i := 0; i < len(v); i += 2 {
		if i+1 == len(v) {
			emit(one, name, 16*i, "F@", v[i])
			return
		}
		emit(two, "F"+map[bool]string{true: "LDP", false: "STP"}[load]+"Q", 16*i, "F@, F@", v[i], v[i+1])
	}
}

func repeated(role string, n int) (s string) {
	for range n {
		s += role
	}
	return s
}

// all emits an instruction for every register of x, with those of y beside it, or its only one.
func (n *neon) all(i instruction, dst, x, y []register) {
	for k := range dst {
		n.do(i, dst[k], x[k%len(x)], y[k%len(y)])
	}
}

// each runs body over count elements, at least none: `unroll` vectors at a time, then one, then the rest
// element by element. body must move its pointers on. count is spent.
func (n *neon) each(count register, unroll int, body func(e elements)) {
	wide := []int{unroll, 1}
	if unroll == 1 {
		wide = wide[1:]
	}
	for _, vectors := range wide {
		again, rest := n.newLabel("loop"), n.newLabel("rest")
		elems := vectors * n.lanes()
		n.op(fmt.Sprintf("SUBS $%d, R@", elems), "b", count)
		n.branch("BLT", rest)
		n.mark(again)
		body(elements{neon: n, vectors: vectors})
		n.op(fmt.Sprintf("SUBS $%d, R@", elems), "b", count)
		n.branch("BGE", again)
		n.mark(rest)
		n.op(fmt.Sprintf("ADD $%d, R@", elems), "b", count)
	}
	again, done := n.newLabel("single"), n.newLabel("done")
	n.branch("CBZ R@,", done, count)
	n.mark(again)
	body(elements{neon: n, vectors: 1, single: true})
	n.op("SUBS $1, R@", "b", count)
	n.branch("BNE", again)
	n.mark(done)
}

// repeat runs body count times, at least once. count is spent.
func (n *neon) repeat(count register, body func()) {
	again := n.newLabel("again")
	n.mark(again)
	body()
	n.op("SUBS $1, R@", "b", count)
	n.branch("BNE", again)
}

// duplicate returns another integer register with the same value.
func (n *neon) duplicate(x register) register {
	y := n.integer()
	n.op("MOVD R@, R@", "ud", x, y)
	return y
}

// scaled returns a number of elements in bytes.
func (n *neon) scaled(x register) register {
	y := n.integer()
	n.op(n.pick("LSL $2, R@, R@", "LSL $3, R@, R@"), "ud", x, y)
	return y
}

// reduce returns all lanes combined by fadd or fmax, in every lane.
func (n *neon) reduce(v register, pairwise instruction) register {
	v = n.of(pairwise, v, v)
	if n.size == 4 {
		v = n.of(pairwise, v, v)
	}
	return v
}
