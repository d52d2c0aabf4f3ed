package transpile

import (
	"github.com/hqvit/hqvit/qops/circuit"
)

const (
	maxRounds = 30 // of simplification: in practice two to four
	maxWalk   = 64 // operations that one passes on its way to another one
	maxParts  = 64 // of a block that grows: beyond, it is made anew
)

// simplify merges and cancels until nothing changes: gates of one qubit and blocks of two that meet, also
// past operations that commute with them, and blocks that take fewer CX than they have. The number of gates
// of two qubits never grows.
func (b *basis) simplify(ops []op, n int) []op {
	return b.repeat(ops, func(ops []op) []op { return b.settle(pass(ops, n, true)) })
}

// tidy merges gates of one qubit between those of two, which stay as they are.
func (b *basis) tidy(ops []op, n int) []op {
	return b.repeat(ops, func(ops []op) []op { return pass(ops, n, false) })
}

// repeat applies a step to a circuit and its inverse by turns, as long as it gets smaller.
func (b *basis) repeat(ops []op, step func([]op) []op) []op {
	two, all := b.size(ops)
	for range maxRounds {
		ops = mirror(step(mirror(step(ops))))
		newTwo, newAll := b.size(ops)
		if newTwo >= two && newAll >= all {
			break
		}
		two, all = newTwo, newAll
	}
	return ops
}

// size counts gates of two qubits and operations.
func (b *basis) size(ops []op) (two, all int) {
	for i := range ops {
		switch ops[i].kind {
		case block:
			two += countTwo(ops[i].parts)
		case zz:
			two += 2
			if b.rotations() {
				two--
			}
		}
	}
	return two, len(ops)
}

// settle makes each block in as few CX as it needs, and takes those apart that need none.
func (b *basis) settle(ops []op) []op {
	out := make([]op, 0, len(ops))
	for _, o := range ops {
		if n := countTwo(o.parts); o.kind == block && !o.least && n > 1 {
			w := decompose(*o.u)
			cost := w.cost(b.rotations())
			if cost == 0 {
				for _, p := range w.parts(b.rotations()) {
					if !p.m.isPhase() {
						out = append(out, oneOp([]int{o.a, o.b}[p.slot], p.m))
					}
				}
				continue
			}
			if cost < n {
				o.parts = w.parts(b.rotations())
			}
			o.least = true
		}
		out = append(out, o)
	}
	return out
}

// line is a circuit under construction, with the places of the operations on each qubit.
type line struct {
	ops    []op
	gone   []bool
	places [][]int
	blocks bool // blocks take up what they meet
}

// pass appends the operations one by one, each merged into an earlier one that it can reach.
func pass(ops []op, n int, blocks bool) []op {
	l := &line{ops: make([]op, 0, len(ops)), gone: make([]bool, 0, len(ops)), places: make([][]int, n),
		blocks: blocks}
	room := make([]int, n)
	for _, o := range ops {
		if room[o.a]++; o.two() {
			room[o.b]++
		}
	}
	for q := range l.places {
		l.places[q] = make([]int, 0, room[q])
	}
	for _, o := range ops {
		if !trivial(&o) {
			l.add(o)
		}
	}
	out := make([]op, 0, len(l.ops))
	for i, o := range l.ops {
		if !l.gone[i] {
			out = append(out, o)
		}
	}
	return out
}

// add walks back from the end, past operations that commute with o.
func (l *line) add(o op) {
	at := [2]int{len(l.places[o.a]) - 1, -1}
	if o.two() {
		at[1] = len(l.places[o.b]) - 1
	}
	qubits := [2]int{o.a, o.b}
	passed := [2]bool{}
	for range maxWalk {
		i := -1
		for s, k := range at {
			if k >= 0 {
				i = max(i, l.places[qubits[s]][k])
			}
		}
		if i < 0 {
			break
		}
		met := &l.ops[i]
		if merged, ok := l.merge(met, &o); ok {
			if trivial(&merged) {
				l.remove(i)
			} else {
				l.ops[i] = merged
			}
			return
		}
		slot := 0
		if met.a == o.b {
			slot = 1
		}
		if l.blocks && o.kind == block && met.kind == one && !passed[slot] {
			o = after(o, met.m, slot)
			l.remove(i)
			at[slot]--
			continue
		}
		if !met.commutes(&o) {
			break
		}
		for s, k := range at {
			if k >= 0 && l.places[qubits[s]][k] == i {
				at[s]--
				passed[s] = true
			}
		}
	}
	l.ops, l.gone = append(l.ops, o), append(l.gone, false)
	for _, q := range qubits {
		if q >= 0 {
			l.places[q] = append(l.places[q], len(l.ops)-1)
		}
	}
}

// remove takes an operation out.
func (l *line) remove(i int) {
	l.gone[i] = true
	for _, q := range []int{l.ops[i].a, l.ops[i].b} {
		if q < 0 {
			continue
		}
		places := l.places[q]
		for k := len(places) - 1; k >= 0; k-- {
			if places[k] == i {
				l.places[q] = append(places[:k], places[k+1:]...)
				break
			}
		}
	}
}

// trivial tells whether an operation is the identity up to a phase.
func trivial(o *op) bool {
	switch o.kind {
	case one:
		return o.m.isPhase()
	case turn, zz:
		return number(o.angle) && wrap(o.angle.Shift) == 0
	}
	for i, v := range o.u {
		if i%5 == 0 {
			v -= o.u[0]
		}
		if !null(v) {
			return false
		}
	}
	return true
}

// flatten takes blocks apart into CX and gates of one qubit, and rotations about ZZ unless the device has
// them.
func (b *basis) flatten(ops []op) []op {
	out := make([]op, 0, 4*len(ops))
	for _, o := range ops {
		qubits := [2]int{o.a, o.b}
		switch {
		case o.kind == zz && !b.rotations():
			out = append(out, cx(o.a, o.b), turnOp(o.b, zs, o.angle), cx(o.a, o.b))
		case o.kind != block:
			out = append(out, o)
		default:
			for _, p := range o.parts {
				switch {
				case p.kind == cxKind:
					out = append(out, cx(qubits[p.slot], qubits[1-p.slot]))
				case p.kind == zzPart:
					out = append(out, zzOp(o.a, o.b, circuit.Const(p.angle)))
				case !p.m.isPhase():
					out = append(out, oneOp(qubits[p.slot], p.m))
				}
			}
		}
	}
	return out
}

// expand takes the rotations about ZZ apart, unless the device has them, and leaves blocks together.
func (b *basis) expand(ops []op) []op {
	if b.rotations() {
		return ops
	}
	var out []op
	for _, o := range ops {
		if o.kind == zz {
			out = append(out, b.flatten([]op{o})...)
		} else {
			out = append(out, o)
		}
	}
	return out
}
