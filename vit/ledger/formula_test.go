package ledger

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/vit"
)

func rank(t *testing.T, c *circuit.Circuit) int {
	t.Helper()
	r, err := Rank(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// figureOf returns the circuit that the model leaves where it is built.
func figureOf(t *testing.T, c vit.Config) qlayer.Figure {
	t.Helper()
	_, s, err := vit.Graph(c, nn.NewStore(0), 1)
	if err != nil {
		t.Fatal(err)
	}
	figures := qlayer.Figures(s)
	if len(figures) != c.Depth {
		t.Fatal(len(figures), err)
	}
	return figures[0]
}

// count counts the gates of a circuit independently: by the gates that are left, with the depth as a longest
// path.
func count(t *testing.T, c *circuit.Circuit) Gates {
	t.Helper()
	e, err := c.Decompose(circuit.IntoCX)
	if err != nil {
		t.Fatal(err)
	}
	g := Gates{Qubits: c.Qubits(), Formula: true}
	busy := make([]int, c.Qubits())
	for _, gate := range e.Operations() {
		at := busy[gate.Qubits[0]]
		switch {
		case len(gate.Qubits) == 1 && len(gate.Controls) == 0:
			g.OneQubit++
		case len(gate.Qubits) == 1 && len(gate.Controls) == 1 && gate.Name() == "cx":
			g.CX++
			at = max(at, busy[gate.Controls[0]])
			busy[gate.Controls[0]] = at + 1
		default:
			t.Fatal(gate.Name())
		}
		busy[gate.Qubits[0]] = at + 1
		g.Depth = max(g.Depth, at+1)
	}
	return g
}

func normal(seed uint64, n int) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := make([]float64, n)
	for i := range out {
		out[i] = rng.NormFloat64()
	}
	return out
}

// TestPreparationFormula counts real preparations, up to 2^14 amplitudes.
func TestPreparationFormula(t *testing.T) {
	for m := 1; m <= 14; m++ {
		amplitudes := make([]complex128, 1<<m)
		for i, v := range normal(uint64(m), 1<<m) {
			amplitudes[i] = complex(v, 0)
		}
		equal(t, fmt.Sprintf("%d qubits", m), preparationGates(m), count(t, circuit.Prepare(amplitudes)))
	}
}

// TestTestFormulas counts real swap tests of all shapes up to 2^10 values, with and without the preparation.
func TestTestFormulas(t *testing.T) {
	for layers := 1; layers <= 4; layers++ {
		for data := 1; data <= 7; data++ {
			for index := 0; index+data <= 10 && index <= 4; index++ {
				s := Shape{Tokens: 1 << index, Width: 1 << data, Layers: layers}
				u := qlayer.RealAmplitudes(layers)(data)
				theta := normal(7, 2*u.NumTheta())
				for _, image := range [][]float64{nil, normal(9, s.Tokens*s.Width)} {
					want := count(t, circuit.SwapTest(image, s.Tokens, s.Width, u, u).Bind(theta, nil))
					got := s.testGates()
					if image != nil {
						got = s.wholeGates()
					}
					equal(t, fmt.Sprintf("%+v, prepared %v", s, image != nil), got, want)
				}
			}
		}
	}
}

// TestScoreFlops holds the formula to the cheaper route of the node itself.
func TestScoreFlops(t *testing.T) {
	for _, s := range []Shape{{Tokens: 16, Width: 8, Layers: 2}, {Tokens: 4, Width: 1024, Layers: 2},
		{Tokens: 9, Width: 48, Layers: 1}, {Tokens: 16, Width: 64, Layers: 2}} {
		u, least := qlayer.RealAmplitudes(s.Layers)(s.dataQubits()), math.Inf(1)
		// one image alone takes the circuits where they are cheaper
		for _, matrix := range []bool{true, false} {
			g := G.NewGraph()
			leaf := func(name string, shape ...int) *G.Node {
				return G.NewTensor(g, tensor.Float64, len(shape), G.WithShape(shape...), G.WithName(name))
			}
			x, q, k := leaf("x", 1, s.Tokens, s.Width), leaf("q", 1, u.NumTheta()), leaf("k", 1, u.NumTheta())
			var w *G.Node
			var err error
			if matrix {
				if w, err = qops.Unitary(u, u, q, k); err == nil {
					_, err = qops.Scores(x, w, qops.ScoreOptions{})
				}
			} else {
				_, err = qops.CircuitScores(x, u, u, q, k, qops.ScoreOptions{})
			}
			if err != nil {
				t.Fatal(err)
			}
			least = min(least, float64(op.Flops(g)))
		}
		equal(t, fmt.Sprintf("%+v", s), s.scoreFlops(), least)
	}
}

// TestShotsAreEnough samples the literal circuit: with so many runs an overlap has the standard error that
// was asked for.
func TestShotsAreEnough(t *testing.T) {
	q, k := qlayer.RealAmplitudes(2)(2), qlayer.RealAmplitudes(2)(2)
	x := []float64{0.9, -0.3, 0.5, 0.2, 0.7, 0.4, -0.8, 0.1}
	theta := normal(3, 8)
	u, err := circuit.SwapTest(x, 2, 4, q, k).Matrix(theta, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Qubits: ancilla, index and two data of the query, the same of the key.
	var p [2][2][2]float64
	for state := range 1 << 7 {
		a := u[state<<7]
		p[state>>6][state>>5&1][state>>2&1] += real(a)*real(a) + imag(a)*imag(a)
	}
	const e, trials = 0.05, 4000
	rng := rand.New(rand.NewPCG(8, 8))
	for i := range 2 {
		for j := range 2 {
			share := p[0][i][j] + p[1][i][j]
			rho := (p[0][i][j] - p[1][i][j]) / share
			shots, sum, squares := int(shotsFor(rho, e)), 0.0, 0.0
			for range trials {
				zeros := 0
				for range shots {
					if rng.Float64()*share < p[0][i][j] {
						zeros++
					}
				}
				d := 2*float64(zeros)/float64(shots) - 1 - rho
				sum, squares = sum+d, squares+d*d
			}
			if sd := math.Sqrt(squares / trials); math.Abs(sd/e-1) > 0.06 ||
				math.Abs(sum/trials) > 4*e/math.Sqrt(trials) {
				t.Errorf("pair %d, %d: error %.4f with %d runs, want %v; bias %.5f",
					i, j, sd, shots, e, sum/trials)
			}
		}
	}
	// No pair can be left out: the coefficients have no symmetry, nor is a token's own 1.
	s := func(i, j int) float64 { return p[0][i][j] - p[1][i][j] }
	n := func(i int) float64 { return math.Sqrt(p[0][i][i] + p[1][i][i]) }
	if math.Abs(s(0, 1)-s(1, 0)) < 0.01*n(0)*n(1) || s(0, 0) > 0.9*n(0)*n(0) {
		t.Errorf("coefficients %v", p)
	}
}

// TestRunsOfTheWholeImage samples all three registers of the literal circuit of tokens of equal length: T²·N
// runs give every pair at once to the error of N runs.
func TestRunsOfTheWholeImage(t *testing.T) {
	q := qlayer.RealAmplitudes(2)(1)
	x := []float64{0.6, 0.8, 0.96, -0.28}
	u, err := circuit.SwapTest(x, 2, 2, q, q).Matrix(normal(4, 4), nil)
	if err != nil {
		t.Fatal(err)
	}
	const e, trials = 0.05, 2000
	var steps, rho [8]float64 // of the outcomes ancilla, i, j; qubits 0, 1 and 3
	for state := range 1 << 5 {
		a := u[state<<5]
		steps[state>>2&4|state>>2&2|state>>1&1] += real(a)*real(a) + imag(a)*imag(a)
	}
	most := 0.0
	for pair := range 4 {
		share := steps[pair] + steps[4+pair]
		if math.Abs(share-0.25) > 1e-12 {
			t.Fatalf("pair %d has the share %v", pair, share)
		}
		rho[pair] = (steps[pair] - steps[4+pair]) / share
		most = max(most, shotsFor(rho[pair], e))
	}
	rng := rand.New(rand.NewPCG(9, 9))
	var squares [4]float64
	for range trials {
		var seen [8]int
		for range 4 * int(most) {
			at, outcome := rng.Float64(), 0
			for outcome < 7 && at >= steps[outcome] {
				at -= steps[outcome]
				outcome++
			}
			seen[outcome]++
		}
		for pair := range 4 {
			d := float64(seen[pair]-seen[4+pair])/float64(seen[pair]+seen[4+pair]) - rho[pair]
			squares[pair] += d * d
		}
	}
	for pair, sum := range squares {
		want := e * math.Sqrt((1-rho[pair]*rho[pair])/(most*e*e))
		if sd := math.Sqrt(sum / trials); math.Abs(sd/want-1) > 0.07 {
			t.Errorf("pair %d of overlap %.3f: error %.4f, want %.4f", pair, rho[pair], sd, want)
		}
	}
}

func TestAngleWork(t *testing.T) {
	for m := 1; m <= 20; m++ {
		want := 0
		// the qubit k has 2^k angles; the transform of them has k rounds of 2^k sums or differences
		for k := range m {
			want += 2*(1<<k) + k<<k
		}
		equal(t, fmt.Sprint(m), angleWork(m), want)
	}
}

func TestShotsOfRoundErrors(t *testing.T) {
	for _, c := range []struct{ rho, e, want float64 }{{0, 0.01, 10000}, {0, 0.1, 100}, {0.5, 0.01, 7500},
		{1. / 64, 0.1 / 64, 409500}, {1, 0.01, 0}} {
		equal(t, fmt.Sprint(c), shotsFor(c.rho, c.e), c.want)
	}
}
