package transpile_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/circuittest"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/transpile"
)

func set(t *testing.T, text string) circuit.GateSet {
	t.Helper()
	s, err := circuit.ParseGateSet(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// written returns a circuit as gates with qubits and angles.
func written(c *circuit.Circuit) string {
	var gates []string
	for _, g := range c.Operations() {
		words := []string{g.Name()}
		for _, q := range g.AllQubits() {
			words = append(words, fmt.Sprint(q))
		}
		for _, a := range g.Angles {
			words = append(words, a.String())
		}
		gates = append(gates, strings.Join(words, " "))
	}
	return strings.Join(gates, "; ")
}

// TestWritten: what is known by hand. Angles stay symbols, and gates that a set has stay as they are.
func TestWritten(t *testing.T) {
	theta := circuit.Theta(0)
	for _, c := range []struct {
		set  string
		in   *circuit.Circuit
		want string
	}{
		{"rz-sx-cx", circuit.New(1).RZ(0, theta), "rz 0 θ0"},
		{"rz-sx-cx", circuit.New(1).H(0), "rz 0 π/2; sx 0; rz 0 π/2"},
		{"rz-sx-cx", circuit.New(1).X(0), "x 0"},
		{"rz-sx-cx", circuit.New(1).Y(0), "x 0; rz 0 π"},
		{"rz-sx-cx", circuit.New(1).SX(0).SX(0).T(0), "x 0; rz 0 π/4"},
		{"rz-sx-cx", circuit.New(1).S(0).H(0).H(0).Sdg(0), ""},
		{"rz-sx-cx", circuit.New(1).RX(0, theta), "rz 0 π/2; sx 0; rz 0 θ0+π; sx 0; rz 0 π/2"},
		{"rz-sx-cx", circuit.New(2).RZZ(0, 1, theta), "cx 0 1; rz 1 θ0; cx 0 1"},
		{"rz-sx-cx", circuit.New(1).RZ(0, theta).RZ(0, circuit.Const(0.5)).RZ(0, theta), "rz 0 2·θ0+0.5"},
		{"rz-sx-cx", circuit.New(1).RZ(0, theta).RZ(0, circuit.Data(0)), "rz 0 θ0; rz 0 x0"},
		{"rz-sx-cx", circuit.New(1).RZ(0, theta).RZ(0, theta.Times(-1)), ""},
		{"rz-sx-cx", circuit.New(2).CX(0, 1).RZ(0, theta).CX(0, 1), "rz 0 θ0"},
		{"rz-sx-cx", circuit.New(3).CX(0, 1).CX(0, 2).CX(0, 1), "cx 0 2"},
		{"rz-sx-cx", circuit.New(3).CX(0, 2).CX(1, 2).RX(2, theta).CX(0, 2),
			"cx 1 2; rz 2 π/2; sx 2; rz 2 θ0+π; sx 2; rz 2 π/2"},
		{"rz-rx-cz", circuit.New(1).RX(0, theta), "rx 0 θ0"},
		{"rz-rx-cz", circuit.New(2).CZ(0, 1), "cz 0 1"},
		{"rz-rx-cz", circuit.New(1).RY(0, theta), "rz 0 -π/2; rx 0 θ0; rz 0 π/2"},
		{"u3-cx", circuit.New(1).U(0, theta, circuit.Theta(1), circuit.Data(0)), "u 0 θ0 θ1 x0"},
		{"u3-cx", circuit.New(1).RY(0, theta), "u 0 θ0 0 0"},
		{"u3-cx", circuit.New(1).RX(0, theta), "u 0 θ0 -π/2 π/2"},
		{"ionq", circuit.New(1).X(0), "gpi 0 0"},
		{"ionq", circuit.New(1).RZ(0, theta), "gpi 0 0; gpi 0 0.5·θ0"},
		{"ionq", circuit.New(1).GPI(0, theta), "gpi 0 θ0"},
		{"ionq", circuit.New(1).GPI2(0, circuit.Const(0.3)), "gpi2 0 0.3"},
		{"ionq", circuit.New(1).RX(0, circuit.Const(math.Pi/2)), "gpi2 0 0"},
		{"h,rz,rzz", circuit.New(2).RZZ(0, 1, theta), "rzz 0 1 θ0"},
		{"h,rz,rzz", circuit.New(2).RXX(0, 1, theta), "h 0; h 1; rzz 0 1 θ0; h 0; h 1"},
		{"h,rz,rzz", circuit.New(2).RZZ(0, 1, circuit.Const(0.3)), "rzz 0 1 0.3"},
		{"rz,sx,ecr", circuit.New(2).ECR(0, 1), "ecr 0 1"},
	} {
		out, err := transpile.Simplify(c.in, set(t, c.set))
		if err != nil {
			t.Fatal(err)
		}
		if got := written(out); got != c.want {
			t.Errorf("%s in %s:\n got %s\nwant %s", written(c.in), c.set, got, c.want)
		}
	}
}

// TestGatesOfOneQubit counts the gates of random and special unitaries: of rz, sx, x at most two sx or an x.
func TestGatesOfOneQubit(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	counts := func(c *circuit.Circuit) string {
		n := c.Resources().Gates
		return fmt.Sprintf("sx %d, x %d, rx %d, gpi %d, gpi2 %d, u %d", n["sx"], n["x"], n["rx"], n["gpi"],
			n["gpi2"], n["u"])
	}
	a := func() circuit.Angle { return circuit.Const(0.2 + 2*r.Float64()) }
	for range 50 {
		for what, c := range map[string]struct {
			in   *circuit.Circuit
			want [4]string
		}{
			"general": {circuit.New(1).U(0, a(), a(), a()), [4]string{"sx 2, x 0, rx 0, gpi 0, gpi2 0, u 0",
				"sx 0, x 0, rx 1, gpi 0, gpi2 0, u 0", "sx 0, x 0, rx 0, gpi 0, gpi2 0, u 1",
				"sx 0, x 0, rx 0, gpi 1, gpi2 2, u 0"}},
			"quarter": {circuit.New(1).U2(0, a(), a()), [4]string{"sx 1, x 0, rx 0, gpi 0, gpi2 0, u 0",
				"sx 0, x 0, rx 1, gpi 0, gpi2 0, u 0", "sx 0, x 0, rx 0, gpi 0, gpi2 0, u 1",
				"sx 0, x 0, rx 0, gpi 1, gpi2 1, u 0"}},
			"half": {circuit.New(1).RZ(0, a()).X(0).RZ(0, a()),
				[4]string{"sx 0, x 1, rx 0, gpi 0, gpi2 0, u 0",
					"sx 0, x 0, rx 1, gpi 0, gpi2 0, u 0", "sx 0, x 0, rx 0, gpi 0, gpi2 0, u 1",
					"sx 0, x 0, rx 0, gpi 1, gpi2 0, u 0"}},
			"diagonal": {circuit.New(1).RZ(0, a()).T(0), [4]string{"sx 0, x 0, rx 0, gpi 0, gpi2 0, u 0",
				"sx 0, x 0, rx 0, gpi 0, gpi2 0, u 0", "sx 0, x 0, rx 0, gpi 0, gpi2 0, u 1",
				"sx 0, x 0, rx 0, gpi 2, gpi2 0, u 0"}},
		} {
			for i, s := range circuit.GateSets() {
				out, err := transpile.Decompose(c.in, s)
				if err != nil {
					t.Fatal(err)
				}
				if got := counts(out); got != c.want[i] {
					t.Errorf("%s in %v: got %s, want %s", what, s, got, c.want[i])
				}
			}
		}
	}
}

// TestSymbolsSurvive: a circuit compiled once is right for all values of its angles, in every set.
func TestSymbolsSurvive(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	for _, s := range sets(t) {
		for range 20 {
			c := randomCircuit(r, 3, 12)
			out, err := transpile.Simplify(c, s)
			if err != nil {
				t.Fatal(err)
			}
			if out.NumTheta() > c.NumTheta() || out.NumData() > c.NumData() {
				t.Errorf("%v: %d theta and %d data of %d and %d", s, out.NumTheta(), out.NumData(),
					c.NumTheta(), c.NumData())
			}
			// Compiled once and then bound is what is bound and then compiled.
			theta, data := numbers(r), numbers(r)
			bound, err := transpile.Simplify(c.Bind(theta, data), s)
			if err != nil {
				t.Fatal(err)
			}
			circuittest.SamePhase(t, "bound first", circuittest.Matrix(t, out.Bind(theta, data), nil, nil),
				circuittest.Matrix(t, bound, nil, nil), 1e-9)
		}
	}
}

// TestDeterminism: one seed gives one result, on any number of threads; another seed may give another one.
func TestDeterminism(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	c := circuit.New(9)
	for range 60 {
		p := r.Perm(9)
		c.CX(p[0], p[1]).RZ(p[2], circuit.Theta(r.IntN(4)))
	}
	k := transpile.Compiler{Gates: set(t, "rz-sx-cx"), Coupling: circuit.HeavyHex(3), Seed: 3}
	run := func(k transpile.Compiler) string {
		out, err := k.Run(c)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(written(out.Circuit), out.First, out.Last, out.Swaps)
	}
	k.Threads = 1
	want := run(k)
	for _, threads := range []int{0, 2, 5, 100} {
		if k.Threads = threads; run(k) != want {
			t.Errorf("%d threads give another result than one", threads)
		}
	}
	if k.Seed = 4; run(k) == want {
		t.Error("the seed has no effect")
	}
}

// TestNoSwaps: what fits on a map is placed on it without swaps.
func TestNoSwaps(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 1))
	for _, m := range []circuit.Coupling{circuit.Line(9), circuit.Ring(8), circuit.Grid(4, 4),
		circuit.HeavyHex(3)} {
		for range 10 {
			names, pairs := r.Perm(m.Qubits()), m.Pairs()
			c := circuit.New(m.Qubits())
			for range 40 {
				p := pairs[r.IntN(len(pairs))]
				c.CX(names[p[0]], names[p[1]]).RX(names[p[1]], circuit.Const(1))
			}
			out, err := transpile.Compiler{Gates: set(t, "u3-cx"), Coupling: m}.Run(c)
			if err != nil || out.Swaps != 0 || !slices.Equal(out.First, out.Last) {
				t.Errorf("%v: %d swaps, %v", m, out.Swaps, err)
			}
		}
	}
}

// TestSwapsOnlyRename: swaps of the original cost nothing, and Last says where the qubits went.
func TestSwapsOnlyRename(t *testing.T) {
	c := circuit.New(3).H(0).Swap(0, 1).Swap(1, 2).CX(2, 0)
	out, err := transpile.Compiler{Gates: set(t, "u3-cx"), Coupling: circuit.AllToAll(4)}.Run(c)
	if err != nil {
		t.Fatal(err)
	}
	if out.After.TwoQubit != 1 || out.Before.TwoQubit != 7 || fmt.Sprint(out.First, out.Last, out.Held()) !=
		"[0 1 2] [1 2 0] [2 0 1 -1]" {
		t.Errorf("got %v, %v, %v, %v", out.After, out.First, out.Last, out.Held())
	}
}

func TestErrors(t *testing.T) {
	good, u := circuit.New(3).H(0).CX(0, 2), set(t, "u3-cx")
	opaque, err := circuit.OpaqueGate("magic", 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	for want, k := range map[string]struct {
		transpile.Compiler
		c *circuit.Circuit
	}{
		"the circuit is nil":   {transpile.Compiler{Gates: u}, nil},
		"qubit 7 out of range": {transpile.Compiler{Gates: u}, circuit.New(2).X(7)},
		"got an opaque one":    {transpile.Compiler{Gates: u}, circuit.New(1).Add(opaque, nil, 0)},
		"the zero GateSet":     {transpile.Compiler{}, good},
		"falls into {0-1} and {2}": {transpile.Compiler{Gates: u, Coupling: circuit.Pairs(3, [][2]int{{0,
			1}}, false)}, good},
		"at least 3 qubits, those of the circuit, got 2 (line of 2)": {transpile.Compiler{Gates: u,
			Coupling: circuit.Line(2)}, good},
		"at most 30 qubits": {transpile.Compiler{Gates: u, Coupling: circuit.HeavyHex(5)}, good},
		"0 to 10000 trials": {transpile.Compiler{Gates: u, Trials: -1}, good},
		"number of threads": {transpile.Compiler{Gates: u, Threads: -1}, good},
	} {
		if _, err := k.Run(k.c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := transpile.Decompose(nil, u); err == nil {
		t.Error("Decompose takes a nil circuit")
	}
	if _, err := transpile.Simplify(good, circuit.GateSet{}); err == nil {
		t.Error("Simplify takes the zero set")
	}
	if held := (transpile.Result{}).Held(); held != nil {
		t.Errorf("nobody holds %v", held)
	}
	if c, q := (transpile.Result{}).Compact(); c != nil || q != nil {
		t.Errorf("nothing is compact: %v, %v", c, q)
	}
	if n := transpile.Count(nil); n != (transpile.Counts{}) {
		t.Errorf("a nil circuit counts %v", n)
	}
}
