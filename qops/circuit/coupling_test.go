package circuit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

func TestCouplingMaps(t *testing.T) {
	for _, c := range []struct {
		m              circuit.Coupling
		name           string
		qubits, pairs  int
		most, diameter int // neighbours, distance
	}{
		{circuit.AllToAll(5), "all-to-all of 5", 5, 10, 4, 1},
		{circuit.Line(1), "line of 1", 1, 0, 0, 0},
		{circuit.Line(7), "line of 7", 7, 6, 2, 6},
		{circuit.Ring(2), "ring of 2", 2, 1, 1, 1},
		{circuit.Ring(7), "ring of 7", 7, 7, 2, 3},
		{circuit.Grid(4, 5), "grid of 4×5", 20, 31, 4, 7},
		{circuit.HeavyHex(3), "heavy hexagons of distance 3", 19, 20, 3, 8},
		{circuit.HeavyHex(5), "heavy hexagons of distance 5", 57, 64, 3, 16},
		{circuit.Pairs(3, [][2]int{{2, 1}, {0, 1}, {1, 0}}, true), "directed 3 pairs on 3 qubits", 3, 3, 2,
			2},
		{circuit.Pairs(3, [][2]int{{2, 1}, {0, 1}, {1, 0}}, false), "3 pairs on 3 qubits", 3, 2, 2, 2},
	} {
		if err := c.m.Err(); err != nil {
			t.Fatal(err)
		}
		most, diameter := 0, 0
		for a := range c.m.Qubits() {
			most = max(most, len(c.m.Neighbours(a)))
			for b := range c.m.Qubits() {
				d := c.m.Distance(a, b)
				diameter = max(diameter, d)
				if d != c.m.Distance(b, a) || (d == 1) != slices.Contains(c.m.Neighbours(a), b) {
					t.Errorf("%v: distance from %d to %d is %d", c.m, a, b, d)
				}
				for _, q := range c.m.Neighbours(b) { // the triangle inequality with one step
					if e := c.m.Distance(a, q); e > d+1 {
						t.Errorf("%v: distance %d from %d to %d, but %d to its neighbour %d", c.m, d, a, b,
							e, q)
					}
				}
			}
		}
		got := fmt.Sprint(c.m.String()+" ", c.m.Qubits(), len(c.m.Pairs()), most, diameter)
		if want := fmt.Sprint(c.name+" ", c.qubits, c.pairs, c.most, c.diameter); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestDirectedCoupling(t *testing.T) {
	m := circuit.Pairs(3, [][2]int{{1, 0}, {1, 2}}, true)
	if !m.Allows(1, 0) || m.Allows(0, 1) || m.Allows(0, 2) || m.Allows(1, 7) || m.Distance(0, 2) != 2 ||
		!m.Directed() {
		t.Error("directions are wrong")
	}
	if both := circuit.Line(3); !both.Allows(1, 0) || !both.Allows(0, 1) || both.Allows(0, 2) ||
		both.Allows(1, 1) {
		t.Error("a line has directions")
	}
	if any := (circuit.Coupling{}); !any.Allows(3, 1) || any.Distance(3, 1) != 1 || any.Allows(1, 1) ||
		!any.All() {
		t.Error("the zero map has limits")
	}
}

func TestCouplingPart(t *testing.T) {
	part := circuit.Grid(3, 3).Part(8, 5, 4)
	if part.Err() != nil || fmt.Sprint(part.Pairs()) != "[[0 1] [1 2]]" ||
		part.String() != "3 qubits of grid of 3×3" {
		t.Errorf("got %v: %v, %v", part, part.Pairs(), part.Err())
	}
}

func TestCouplingErrors(t *testing.T) {
	for want, m := range map[string]circuit.Coupling{
		"1 to 1024 qubits, got 0":                              circuit.Line(0),
		"1 to 1024 qubits, got -1":                             circuit.AllToAll(-1),
		"1 to 1024 qubits, got 4000":                           circuit.Ring(4000),
		"rows and columns of 1 to 1024 qubits, got 0 and 3":    circuit.Grid(0, 3),
		"rows and columns of 1 to 1024 qubits, got 100 and 20": circuit.Grid(100, 20),
		"want an odd distance from 3 to 19, got 4":             circuit.HeavyHex(4),
		"pair 0-3 is out of range [0,3)":                       circuit.Pairs(3, [][2]int{{0, 3}}, false),
		"pair 1-1 is one qubit twice":                          circuit.Pairs(3, [][2]int{{1, 1}}, false),
		"(2 pairs on 6 qubits) is not connected: it falls into {0, 5}, {1-2}, {3} and {4}": circuit.Pairs(6,
			[][2]int{{1, 2}, {5, 0}}, false),
		"and 2 more":                   circuit.Pairs(8, nil, true),
		"is not connected":             circuit.Line(5).Part(0, 1, 3),
		"want different qubits from [": circuit.Line(5).Part(0, 0),
	} {
		if m.Err() == nil || !strings.Contains(m.Err().Error(), want) {
			t.Errorf("got %v, want %s", m.Err(), want)
		}
	}
}
