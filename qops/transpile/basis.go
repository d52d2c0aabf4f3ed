package transpile

import (
	"github.com/hqvit/hqvit/qops/circuit"
)

// basis is how a gate set makes one-qubit gates and CX.
type basis struct {
	set   circuit.GateSet
	turns turns
	z     circuit.Gate // rz or p, with turns about Z; rx with those of XY

	entangler circuit.Gate
	angles    []float64
	// CX controlled by the first qubit is the entangler between these gates on the two qubits.
	before, after [2]m2
	symmetric     bool    // the entangler is the same with its qubits exchanged
	diagonal      [2]bool // the entangler commutes with Z on this qubit

	// rotation is a gate of the set that is exp(−iaZZ/2) between the gates zz on the two qubits and their
	// inverses.
	rotation circuit.Gate
	zz       [2]m2

	constants []constantGate
}

// turns says of what the gates of one qubit are made.
type turns uint8

const (
	zsx turns = iota // about Z, and √X
	zx               // about Z and X
	zy
	zh // about Z, and H
	xy
	general // u
	phased  // gpi and gpi2
)

// constantGate is a gate of one qubit without angles.
type constantGate struct {
	gate circuit.Gate
	m    m2
}

// newBasis returns the basis of a set, which is universal.
func newBasis(set circuit.GateSet) *basis {
	b := &basis{set: set}
	z := set.Has("rz") || set.Has("p")
	switch {
	case set.Has("u"):
		b.turns = general
	case z && set.Has("rx"):
		b.turns = zx
	case z && set.Has("sx"):
		b.turns = zsx
	case z && set.Has("ry"):
		b.turns = zy
	case z && set.Has("h"):
		b.turns = zh
	case set.Has("rx") && set.Has("ry"):
		b.turns = xy
	default:
		b.turns = phased
	}
	for _, name := range []string{"rx", "p", "rz"} {
		if b.turns == xy == (name == "rx") && set.Has(name) {
			b.z = named(name)
		}
	}
	for _, k := range set.Gates() {
		if k.Qubits() == 1 && k.Angles() == 0 {
			b.constants = append(b.constants, constantGate{k, toM2(k.Matrix(nil))})
		}
	}
	b.findRotation()
	b.findEntangler()
	return b
}

// named returns a gate of the table that is there.
func named(name string) circuit.Gate {
	k, _ := circuit.Named(name)
	return k
}

// rotations tells whether the device has rotations about ZZ or the like by any angle.
func (b *basis) rotations() bool { return b.rotation != (circuit.Gate{}) }

func (b *basis) findRotation() {
	for _, r := range []struct {
		name string
		zz   [2]m2
	}{{"rzz", [2]m2{one2, one2}}, {"rxx", [2]m2{hadam, hadam}}, {"rzx", [2]m2{one2, hadam}}} {
		if b.set.Has(r.name) {
			b.rotation, b.zz = named(r.name), r.zz
			return
		}
	}
}

// findEntangler finds the gates around the entangler that make it CX.
func (b *basis) findEntangler() {
	b.entangler, b.angles = b.set.Entangler()
	g := toM4(b.entangler.Matrix(b.angles))
	e := g.exchanged()
	b.symmetric = true
	for i := range g {
		b.symmetric = b.symmetric && null(g[i]-e[i])
	}
	b.diagonal = [2]bool{g.colour(0) == zs, g.colour(1) == zs}
	c, w := decompose(cxFirst), decompose(g)
	best := -1.0
	for slot := range 2 {
		b.after[slot] = c.left[slot].mul(w.left[slot].dagger())
		b.before[slot] = w.right[slot].dagger().mul(c.right[slot])
	}
	// CX commutes with turns about Z of its control and about X of its target, and takes X⊗1 to X⊗X and 1⊗Z
	// to Z⊗Z: of the solutions that follow, take the simplest one.
	after, before := b.after, b.before
	for k := range 8 * 8 * 4 {
		v := [2]m2{rz(float64(k%8) * eighth), rx(float64(k/8%8) * eighth)}
		w := v
		if k/64&1 != 0 {
			v, w = [2]m2{v[0].mul(pauliX), v[1].mul(pauliX)}, [2]m2{w[0].mul(pauliX), w[1]}
		}
		if k/64&2 != 0 {
			v, w = [2]m2{v[0].mul(pauliZ), v[1].mul(pauliZ)}, [2]m2{w[0], w[1].mul(pauliZ)}
		}
		// CX = v†·CX·w for these, so v†·after·G·before·w.
		var a, o [2]m2
		simple := 0.0
		for slot := range 2 {
			a[slot], o[slot] = v[slot].dagger().mul(after[slot]), before[slot].mul(w[slot])
			simple += ease(a[slot]) + ease(o[slot])
		}
		if simple > best+negligible {
			best, b.after, b.before = simple, a, o
		}
	}
}

const eighth = 0.25 * 3.141592653589793

// ease is larger for gates that cost less.
func ease(m m2) float64 {
	switch {
	case m.isPhase():
		return 3
	case m.mul(pauliZ).near(pauliZ.mul(m)):
		return 2
	case m.near(hadam):
		return 1
	}
	return 0
}

// native returns the parts of a gate that the device has, so that the gates around it cancel when it is made
// again.
func (b *basis) native(row circuit.Gate, angles []circuit.Angle) ([]part, bool) {
	if row == b.rotation {
		v := b.zz
		return []part{gate1(0, v[0].dagger()), gate1(1, v[1].dagger()), {kind: zzPart,
			angle: angles[0].Shift},
			gate1(0, v[0]), gate1(1, v[1])}, true
	}
	if row != b.entangler {
		return nil, false
	}
	turned := [2]m2{one2, one2}
	for i, a := range angles {
		if row.Name() == "ms" {
			turned[i] = rz(a.Shift - b.angles[i])
		} else if wrap(a.Shift-b.angles[i]) != 0 {
			return nil, false
		}
	}
	return []part{gate1(0, b.before[0].dagger().mul(turned[0].dagger())),
		gate1(1, b.before[1].dagger().mul(turned[1].dagger())), cxPart(0),
		gate1(0, turned[0].mul(b.after[0].dagger())), gate1(1, turned[1].mul(b.after[1].dagger()))}, true
}
