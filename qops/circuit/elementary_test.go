package circuit_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// checkElementary holds the circuit against its elementary form: the same unitary up to a phase, of CX and gates of one qubit.
func checkElementary(t *testing.T, what string, c *circuit.Circuit) *circuit.Circuit {
	t.Helper()
	e, err := c.DecomposeCX()
	if err != nil {
		t.Fatal(what, err)
	}
	samePhase(t, what, unitary(t, e, nil, nil), unitary(t, c, nil, nil), 1e-11)
	for _, g := range e.Operations() {
		if len(g.AllQubits()) > 1 && g.Name() != "cx" {
			t.Errorf("%s: %s is left", what, g.Name())
		}
	}
	return e
}

func TestElementaryGatesOfTheTable(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 7))
	for _, k := range circuit.Table() {
		for controls := range 4 {
			c := circuit.New(max(k.Qubits+controls, 2+rng.IntN(4)))
			addRandom(rng, c, k, controls)
			checkElementary(t, k.Name, c.Bind([]float64{0.3, -1.1, 2.5}, []float64{0.7, -0.2, 1.9}))
		}
	}
}

func TestElementaryGatesOfOtherKinds(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	matrix := unitary(t, circuit.New(2).CRX(0, 1, circuit.Const(0.3)).U(0, circuit.Const(1), circuit.Const(2), circuit.Const(0.4)).CX(1, 0), nil, nil)
	other := *kind("givens") // a gate of one's own whose OpenQASM name nobody here knows
	other.Name, other.QASM2 = "mine", "mine"
	c := circuit.New(4).Unitary(matrix, 2, 0).PauliRotation("XYZ", circuit.Const(0.9), 3, 1, 0).Diagonal([]complex128{1, 1i, -1, -1i}, 1, 2)
	addRandom(rng, c, &other, 1)
	checkElementary(t, "made kinds", c.Bind([]float64{0.3, -1.1, 2.5}, []float64{0.7, -0.2, 1.9}))
}

func TestElementaryCounts(t *testing.T) {
	for name, want := range map[string][3]int{"cswap": {8, 9, 13}, "ccx": {6, 9, 11}, "swap": {3, 0, 3}, "cz": {1, 2, 3}, "cry": {2, 2, 4}} {
		k := kind(name)
		c := circuit.New(k.Qubits).Add(k, slices.Repeat([]circuit.Angle{circuit.Const(0.4)}, k.Angles), []int{0, 1, 2}[:k.Qubits]...)
		r := checkElementary(t, name, c).Resources()
		if got := [3]int{r.Gates["cx"], r.Total - r.Gates["cx"], r.Depth}; got != want {
			t.Errorf("%s: CX, other gates and depth %v, want %v", name, got, want)
		}
	}
}

func TestElementaryRefuses(t *testing.T) {
	free := circuit.New(3).Control([]int{0, 1}, kind("ry"), []circuit.Angle{circuit.Theta(0)}, 2)
	for _, c := range []struct {
		circuit *circuit.Circuit
		want    string
	}{
		{circuit.New(0), "want 1 to 30 qubits"},
		{free, "numbers for the angles (Bind), got θ0"},
		{circuit.New(1).RY(0, circuit.Data(0)), "numbers for the angles (Bind), got x0"},
	} {
		if _, err := c.circuit.DecomposeCX(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want an error with %q", err, c.want)
		}
	}
	if e, err := free.Bind([]float64{math.Pi / 3}, nil).DecomposeCX(); err != nil || e.Err() != nil {
		t.Error(err)
	}
}
