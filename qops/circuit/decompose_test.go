package circuit_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// intoCX returns the circuit as CX and gates of one qubit, after checking that it is, and that it is the same
// unitary up to a phase.
func intoCX(t *testing.T, what string, c *circuit.Circuit) *circuit.Circuit {
	t.Helper()
	e, err := c.Decompose(circuit.IntoCX)
	if err != nil {
		t.Fatal(what, err)
	}
	samePhase(t, what, matrix(t, e, nil, nil), matrix(t, c, nil, nil), 1e-11)
	for _, g := range e.Operations() {
		if len(g.AllQubits()) > 1 && g.Name() != "cx" {
			t.Errorf("%s: %s is left", what, g.Name())
		}
	}
	return e
}

func TestIntoCX(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 7))
	for _, k := range circuit.Table() {
		for controls := range 4 {
			c := circuit.New(max(k.Qubits()+controls, 2+rng.IntN(4)))
			addRandom(rng, c, k, controls)
			intoCX(t, k.Name(), c.Bind([]float64{0.3, -1.1, 2.5}, []float64{0.7, -0.2, 1.9}))
		}
	}
}

func TestIntoCXOfOtherGates(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	c := circuit.New(2).CRX(0, 1, circuit.Const(0.3)).
		U(0, circuit.Const(1), circuit.Const(2), circuit.Const(0.4)).CX(1, 0)
	other, err := circuit.NewGate(circuit.GateSpec{Name: "custom", Qubits: 2, Angles: 1,
		Definition: circuit.New(2).RBS(0, 1, circuit.Theta(0).Times(-0.5))})
	if err != nil {
		t.Fatal(err)
	}
	c = circuit.New(4).Unitary(matrix(t, c, nil, nil), 2, 0).
		PauliRotation("XYZ", circuit.Const(0.9), 3, 1, 0).
		Diagonal([]complex128{1, 1i, -1, -1i}, 1, 2)
	addRandom(rng, c, other, 1)
	intoCX(t, "other gates", c.Bind([]float64{0.3, -1.1, 2.5}, []float64{0.7, -0.2, 1.9}))
}

func TestIntoCXCounts(t *testing.T) {
	for name, want := range map[string][3]int{
		"cswap": {8, 9, 13}, "ccx": {6, 9, 11}, "swap": {3, 0, 3}, "cz": {1, 2, 3}, "cry": {2, 2, 4},
	} {
		r := intoCX(t, name, single(mustGate(name)).Bind([]float64{0.4}, nil)).Resources()
		if got := [3]int{r.Gates["cx"], r.Total - r.Gates["cx"], r.Depth}; got != want {
			t.Errorf("%s: CX, other gates and depth %v, want %v", name, got, want)
		}
	}
}

func TestIntoCXRefuses(t *testing.T) {
	free := circuit.New(3).Control([]int{0, 1}, mustGate("ry"), []circuit.Angle{circuit.Theta(0)}, 2)
	for _, c := range []struct {
		circuit *circuit.Circuit
		want    string
	}{
		{circuit.New(0), "want 1 to 30 qubits"},
		{free, "numbers for the angles (Bind), got [θ0]"},
		{circuit.New(1).RY(0, circuit.Data(0)), "numbers for the angles (Bind), got [x0]"},
	} {
		if _, err := c.circuit.Decompose(circuit.IntoCX); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want an error with %q", err, c.want)
		}
	}
	if e, err := free.Bind([]float64{math.Pi / 3}, nil).Decompose(circuit.IntoCX); err != nil ||
		e.Err() != nil {
		t.Error(err)
	}
}

// TestDecomposeByRule follows a rule of the caller's: what it leaves, what it replaces, and what it must not
// return.
func TestDecomposeByRule(t *testing.T) {
	cause := errors.New("no H here")
	type operations = []circuit.Operation
	rule := func(result operations, replaced bool, err error) circuit.Rule {
		return func(g circuit.Operation, _ int) (operations, bool, error) {
			if g.Name() != "h" {
				return nil, false, nil
			}
			return result, replaced, err
		}
	}
	c := circuit.New(2).X(0).H(1).CX(0, 1)
	for want, r := range map[string]circuit.Rule{
		"x h cx":   rule(nil, false, nil),
		"x cx":     rule(nil, true, nil),
		"x y z cx": rule(circuit.New(2).Y(1).Z(1).Operations(), true, nil),
	} {
		d, err := c.Decompose(r)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, g := range d.Operations() {
			names = append(names, g.Name())
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for want, r := range map[string]circuit.Rule{
		"no H here":                          rule(nil, false, cause),
		"h: still not done after 100 rounds": rule(circuit.New(1).H(0).Operations(), true, nil),
		"qubit 2 out of range [0,2)":         rule(circuit.New(3).X(2).Operations(), true, nil),
		"want a gate, got the zero Gate":     rule(operations{{}}, true, nil),
		"x: want 1 qubits, got 0":            rule(operations{{Gate: mustGate("x")}}, true, nil),
		"rx: want 1 angles, got 0": rule(operations{{Gate: mustGate("rx"), Qubits: []int{0}}}, true,
			nil),
		"gphase: a circuit holds no global ph": rule(operations{
			{Gate: circuit.GlobalPhase(), Angles: make([]circuit.Angle, 1)}}, true, nil),
	} {
		_, err := c.Decompose(r)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		if want == cause.Error() && !errors.Is(err, cause) {
			t.Errorf("the cause of %v is lost", err)
		}
	}
}

// TestIntoNative takes gates apart for a device with a CX that has no Y, and for one that can do nothing.
func TestIntoNative(t *testing.T) {
	c := circuit.New(3).CY(0, 1).CSwap(0, 1, 2).RZX(2, 0, circuit.Const(0.3))
	d, err := c.Decompose(circuit.IntoNative(func(g circuit.Operation) bool {
		return len(g.AllQubits()) == 1 || g.Name() == "cx" || g.Name() == "ccx"
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := d.Resources().String(),
		"3 qubits, 11 gates (ccx 1, cx 5, h 2, rz 1, s 1, sdg 1), "; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	samePhase(t, "device", matrix(t, d, nil, nil), matrix(t, c, nil, nil), 1e-14)
	_, err = c.Decompose(circuit.IntoNative(func(circuit.Operation) bool { return false }))
	if err == nil {
		t.Error("a circuit without gates was found for a device without gates")
	}
}
