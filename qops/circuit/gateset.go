package circuit

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/internal/words"
)

// GateSet is the set of gates that a device has natively, by their names in the gate table. It is universal:
// circuits of any gates can be written in it. It is made by NewGateSet or ParseGateSet and never changes. The
// zero GateSet is none, and what takes a set refuses it.
type GateSet struct {
	name  string
	gates []Gate
	// entangler is the first gate of the set that is CX up to gates of one qubit, at these angles.
	entangler Gate
	angles    []float64
}

// namedSets are the sets that have a name, with what they are.
var namedSets = []struct{ name, gates, help string }{
	{"rz-sx-cx", "rz,sx,x,cx", "superconducting, cross-resonance"},
	{"rz-rx-cz", "rz,rx,cz", "superconducting, tunable couplers; neutral atoms"},
	{"u3-cx", "u,cx", "the two gates of OpenQASM 2"},
	{"ionq", "gpi,gpi2,ms", "trapped ions, with phases in radians"},
}

// GateSets returns the sets that have a name: rz-sx-cx, rz-rx-cz, u3-cx and ionq.
func GateSets() []GateSet {
	var out []GateSet
	for _, s := range namedSets {
		set, err := ParseGateSet(s.name)
		if err == nil {
			out = append(out, set)
		}
	}
	return out
}

// ParseGateSet returns the set of that name (see GateSets), or the one of a list of gates: "rz,sx,x,cx". It
// returns the errors of NewGateSet.
func ParseGateSet(text string) (GateSet, error) {
	for _, s := range namedSets {
		if s.name == text {
			set, err := NewGateSet(strings.Split(s.gates, ",")...)
			set.name = text
			return set, err
		}
	}
	set, err := NewGateSet(strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })...)
	if err != nil && !strings.ContainsAny(text, ", ") {
		var names []string
		for _, s := range namedSets {
			names = append(names, s.name)
		}
		return GateSet{}, errors.Errorf("circuit: gate set %q: want %s, or a list such as rz,sx,x,cx",
			text, words.List(names, "or"))
	}
	return set, err
}

// NewGateSet returns the set of the gates of the table with these names; u3 stands for u. The set must be
// universal. For one qubit it needs rz or p with one of sx, rx, ry and h, or rx and ry, or u, or gpi and
// gpi2. For two it needs a gate that is CX up to gates of one qubit: cx, cz, cy, ch, ecr, ms, or, by π/2,
// rxx, ryy, rzz or rzx, or, by π, cp, crx, cry or crz.
//
// It returns an error for an unknown gate, for one that is given twice, and for a set that is not universal,
// which says what is missing.
func NewGateSet(names ...string) (GateSet, error) {
	s := GateSet{name: strings.Join(names, ",")}
	for _, name := range names {
		if name == "u3" {
			name = "u"
		}
		k, ok := Named(name)
		switch {
		case !ok:
			return GateSet{}, errors.Errorf("circuit: gate set %s: no gate is called %q%s",
				s.name, name, suggest.Among(name, tableNames()))
		case slices.Contains(s.gates, k):
			return GateSet{}, errors.Errorf("circuit: gate set %s: %s is given twice", s.name, name)
		}
		s.gates = append(s.gates, k)
	}
	s.findEntangler()
	var missing []string
	if !s.anyOfOneQubit() {
		missing = append(missing,
			"any gate of one qubit: add rz or p with one of sx, rx, ry "+
				"and h, or rx and ry, or u, or gpi and gpi2")
	}
	if s.entangler == (Gate{}) {
		missing = append(missing,
			"CX by one of its gates and gates of one qubit: add for instance cx, cz, ecr, "+
				"ms or rzz")
	}
	if len(missing) > 0 {
		return GateSet{}, errors.Errorf("circuit: gate set {%s} is not universal: it cannot make %s",
			s.name, strings.Join(missing, "; nor "))
	}
	return s, nil
}

func tableNames() []string {
	var names []string
	for _, k := range table {
		names = append(names, k.Name())
	}
	return names
}

// anyOfOneQubit tells whether the set makes every gate of one qubit.
func (s GateSet) anyOfOneQubit() bool {
	z := s.Has("rz") || s.Has("p")
	return s.Has("u") || z && (s.Has("sx") || s.Has("rx") || s.Has("ry") || s.Has("h")) ||
		s.Has("rx") && s.Has("ry") || s.Has("gpi") && s.Has("gpi2")
}

// findEntangler looks for a gate that is CX up to gates of one qubit at some angles.
func (s *GateSet) findEntangler() {
	for _, k := range s.gates {
		if k.Qubits() != 2 {
			continue
		}
		for _, a := range []float64{0, math.Pi / 2, math.Pi} {
			angles := slices.Repeat([]float64{a}, k.Angles())
			if k.Matrix(angles).isLocallyCX() {
				s.entangler, s.angles = k, angles
				return
			}
		}
	}
}

// isLocallyCX tells whether a unitary of two qubits is CX up to gates of one qubit, by the invariants of
// Makhlin, arXiv:quant-ph/0002045: in the basis of Bell states with m = UᵀU they are tr²m/16det and
// (tr²m − tr m²)/4det, for CX 0 and 1.
func (m Matrix) isLocallyCX() bool {
	h, i := halfSqrt, 1i*halfSqrt
	bell := Matrix{h, 0, 0, i, 0, i, h, 0, 0, i, -h, 0, h, 0, 0, -i}
	u := bell.Dagger().Mul(m).Mul(bell)
	ut := make(Matrix, 16)
	for r := range 4 {
		for c := range 4 {
			ut[c*4+r] = u[r*4+c]
		}
	}
	square := ut.Mul(u)
	trace := func(m Matrix) complex128 { return m[0] + m[5] + m[10] + m[15] }
	t, t2 := trace(square), trace(square.Mul(square))
	det := (t*t - t2) / 4 // for CX the determinant itself, of modulus 1
	return cmplx.Abs(t) < agreement && math.Abs(cmplx.Abs(det)-1) < agreement &&
		cmplx.Abs(det-m.det4()) < agreement
}

// det4 returns the determinant of a matrix of four rows.
func (m Matrix) det4() complex128 {
	a, det := slices.Clone(m), complex128(1)
	for c := range 4 {
		pivot := c
		for r := c + 1; r < 4; r++ {
			if cmplx.Abs(a[r*4+c]) > cmplx.Abs(a[pivot*4+c]) {
				pivot = r
			}
		}
		if a[pivot*4+c] == 0 {
			return 0
		}
		if pivot != c {
			det = -det
			for j := range 4 {
				a[c*4+j], a[pivot*4+j] = a[pivot*4+j], a[c*4+j]
			}
		}
		det *= a[c*4+c]
		for r := c + 1; r < 4; r++ {
			f := a[r*4+c] / a[c*4+c]
			for j := c; j < 4; j++ {
				a[r*4+j] -= f * a[c*4+j]
			}
		}
	}
	return det
}

// Name returns the name, or the list of gates of a set without one.
func (s GateSet) Name() string { return s.name }

// Gates returns the gates of the set.
func (s GateSet) Gates() []Gate { return slices.Clone(s.gates) }

// Has tells whether the gate of the table with that name is in the set.
func (s GateSet) Has(name string) bool {
	return slices.ContainsFunc(s.gates, func(k Gate) bool { return k.Name() == name })
}

// Native tells whether an operation is a gate of the set, controls included: x with one control is cx.
func (s GateSet) Native(g Operation) bool {
	row, ok := g.Row()
	return ok && slices.Contains(s.gates, row)
}

// Entangler returns the gate of two qubits that others are made of, and its angles in radians: at these it is
// CX up to gates of one qubit.
func (s GateSet) Entangler() (Gate, []float64) { return s.entangler, slices.Clone(s.angles) }

// Err returns an error for the zero GateSet.
func (s GateSet) Err() error {
	if len(s.gates) == 0 {
		return errors.New("circuit: the zero GateSet has no gates: make one with ParseGateSet or NewGateSet")
	}
	return nil
}

// String returns the set: rz-sx-cx {rz, sx, x, cx}.
func (s GateSet) String() string {
	var names []string
	for _, k := range s.gates {
		names = append(names, k.Name())
	}
	list := "{" + strings.Join(names, ", ") + "}"
	if s.name == "" || s.name == strings.Join(names, ",") {
		return list
	}
	return fmt.Sprintf("%s %s", s.name, list)
}
