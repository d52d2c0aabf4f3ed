package circuit

import (
	"cmp"
	"math"
	"math/cmplx"

	"github.com/pkg/errors"
)

// channelRow is a row of the table of channels.
type channelRow struct {
	ChannelInfo
	kraus func(p []float64) ([]Matrix, error)
}

// channelTable has a row for each kind of noise. Conventions differ between libraries, so each help text says
// what its numbers mean.
var channelTable = []channelRow{
	{ChannelInfo{"depolarizing", 1, []string{"p"}, true, true,
		"X, Y or Z with p/3 each, p in [0,1]: λ = 4p/3 of (1−λ)ρ + λ/2, a gate infidelity of 2p/3"},
		probability(func(p float64) ([]Matrix, error) { return mixtureOf(1, p), nil })},
	{ChannelInfo{"depolarizing2", 2, []string{"p"}, true, true,
		"one of the 15 Pauli strings of two qubits with p/15 each, p in [0,1]: λ = 16p/15 of (1−λ)ρ + λ/4"},
		probability(func(p float64) ([]Matrix, error) { return mixtureOf(2, p), nil })},
	{ChannelInfo{"bit-flip", 1, []string{"p"}, true, true, "X with p in [0,1]"},
		probability(func(p float64) ([]Matrix, error) { return pauliMixture(p, 0, 0) })},
	{ChannelInfo{"phase-flip", 1, []string{"p"}, true, true, "Z with p in [0,1]"},
		probability(func(p float64) ([]Matrix, error) { return pauliMixture(0, 0, p) })},
	{ChannelInfo{"bit-phase-flip", 1, []string{"p"}, true, true, "Y with p in [0,1]"},
		probability(func(p float64) ([]Matrix, error) { return pauliMixture(0, p, 0) })},
	{ChannelInfo{"pauli", 1, []string{"px", "py", "pz"}, true, true,
		"X, Y, Z with px, py, pz, together at most 1"},
		func(p []float64) ([]Matrix, error) { return pauliMixture(p[0], p[1], p[2]) }},
	{ChannelInfo{"amplitude-damping", 1, []string{"gamma"}, false, false,
		"|1⟩ decays to |0⟩ with gamma in [0,1]"},
		probability(func(g float64) ([]Matrix, error) { return damping(g, 0), nil })},
	{ChannelInfo{"generalized-amplitude-damping", 1, []string{"gamma", "p1"}, false, false,
		"decay with gamma in [0,1] to the state that is |1⟩ with p1 in [0,1]"},
		func(p []float64) ([]Matrix, error) {
			return damping(p[0], p[1]), cmp.Or(inUnit("gamma", p[0]), inUnit("p1", p[1]))
		}},
	{ChannelInfo{"phase-damping", 1, []string{"gamma"}, true, false,
		"coherences shrink by √(1−gamma), gamma in [0,1]: phase-flip of (1−√(1−gamma))/2"},
		probability(func(g float64) ([]Matrix, error) { return dephasing(g), nil })},
	{ChannelInfo{"thermal-relaxation", 1, []string{"time", "t1", "t2", "p1"}, false, false,
		"a time of relaxation with T1 and T2 ≤ 2·T1, all in one unit, to the state that is |1⟩ with p1 in [0,1]"},
		thermalRelaxation},
	{ChannelInfo{"reset-error", 1, []string{"p0", "p1"}, false, false,
		"the qubit is replaced by |0⟩ with p0 and by |1⟩ with p1, together at most 1"},
		resetError},
	{ChannelInfo{"over-rotation-x", 1, []string{"angle"}, true, false,
		"RX of an angle in radians that nobody wanted"},
		overRotation("X")},
	{ChannelInfo{"over-rotation-y", 1, []string{"angle"}, true, false,
		"RY of an angle in radians that nobody wanted"},
		overRotation("Y")},
	{ChannelInfo{"over-rotation-z", 1, []string{"angle"}, true, false,
		"RZ of an angle in radians that nobody wanted"},
		overRotation("Z")},
}

func inUnit(name string, p float64) error {
	if !(p >= 0 && p <= 1) {
		return errors.Errorf("%s is %v, want it in [0,1]", name, p)
	}
	return nil
}

// probability is a row of one number in [0,1].
func probability(kraus func(p float64) ([]Matrix, error)) func([]float64) ([]Matrix, error) {
	return func(p []float64) ([]Matrix, error) {
		if err := inUnit("the number", p[0]); err != nil {
			return nil, err
		}
		return kraus(p[0])
	}
}

// mixtureOf returns the Kraus operators of any Pauli string but I with a probability p in all.
func mixtureOf(qubits int, p float64) []Matrix {
	out := pauliBasis(qubits)
	for i, m := range out {
		w := 1 - p
		if i > 0 {
			w = p / float64(len(out)-1)
		}
		out[i] = m.Scaled(complex(math.Sqrt(w), 0))
	}
	return out
}

func pauliMixture(x, y, z float64) ([]Matrix, error) {
	if err := cmp.Or(inUnit("px", x), inUnit("py", y), inUnit("pz", z)); err != nil {
		return nil, err
	}
	rest := 1 - x - y - z
	if rest < -1e-12 {
		return nil, errors.Errorf("the probabilities %v, %v, %v add up to %v, want at most 1", x, y, z, x+y+z)
	}
	var out []Matrix
	for i, letter := range []string{"I", "X", "Y", "Z"} {
		w := []float64{max(0, rest), x, y, z}[i]
		out = append(out, pauliMatrix(letter).Scaled(complex(math.Sqrt(w), 0)))
	}
	return out, nil
}

// damping returns the Kraus operators of decay with gamma to the state that is |1⟩ with p1.
func damping(gamma, p1 float64) []Matrix {
	root := func(x float64) complex128 { return complex(math.Sqrt(max(0, x)), 0) }
	down, up := root(1-p1), root(p1)
	return []Matrix{
		{down, 0, 0, down * root(1-gamma)}, {0, down * root(gamma), 0, 0},
		{up * root(1-gamma), 0, 0, up}, {0, 0, up * root(gamma), 0},
	}
}

func dephasing(gamma float64) []Matrix {
	root := func(x float64) complex128 { return complex(math.Sqrt(max(0, x)), 0) }
	return []Matrix{{1, 0, 0, root(1 - gamma)}, {0, 0, 0, root(gamma)}}
}

// thermalRelaxation is generalised damping by T1, and dephasing by what T2 asks for beyond that.
func thermalRelaxation(p []float64) ([]Matrix, error) {
	time, t1, t2, p1 := p[0], p[1], p[2], p[3]
	switch {
	case !(time >= 0):
		return nil, errors.Errorf("time is %v, want 0 or more", time)
	case !(t1 > 0) || !(t2 > 0):
		return nil, errors.Errorf("T1 is %v and T2 %v, want both above 0", t1, t2)
	case t2 > 2*t1*(1+1e-9):
		return nil, errors.Errorf("T2 is %v, want at most 2·T1 = %v", t2, 2*t1)
	}
	if err := inUnit("p1", p1); err != nil {
		return nil, err
	}
	decay := damping(-math.Expm1(-time/t1), p1)
	loss := min(0, time/t1-2*time/t2)
	if math.IsNaN(loss) { // both are infinite
		loss = math.Inf(-1)
	}
	phase := dephasing(-math.Expm1(loss))
	var out []Matrix
	for _, a := range phase {
		for _, b := range decay {
			out = append(out, a.Mul(b))
		}
	}
	return out, nil
}

func resetError(p []float64) ([]Matrix, error) {
	rest := 1 - p[0] - p[1]
	if err := cmp.Or(inUnit("p0", p[0]), inUnit("p1", p[1])); err != nil {
		return nil, err
	}
	if rest < -1e-12 {
		return nil, errors.Errorf("p0 and p1 add up to %v, want at most 1", p[0]+p[1])
	}
	a, b := complex(math.Sqrt(p[0]), 0), complex(math.Sqrt(p[1]), 0)
	return []Matrix{Identity(1).Scaled(complex(math.Sqrt(max(0, rest)), 0)),
		{a, 0, 0, 0}, {0, a, 0, 0}, {0, 0, b, 0}, {0, 0, 0, b}}, nil
}

func overRotation(axis string) func([]float64) ([]Matrix, error) {
	return func(p []float64) ([]Matrix, error) {
		m := pauliMatrix(axis).Scaled(cmplx.Rect(math.Sin(p[0]/2), -math.Pi/2))
		for i, v := range Identity(1) {
			m[i] += v * complex(math.Cos(p[0]/2), 0)
		}
		return []Matrix{m}, nil
	}
}
