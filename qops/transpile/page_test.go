package transpile_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
	"github.com/hqvit/hqvit/qops/transpile"
)

// qft is the quantum Fourier transform, with the swaps at its end or without.
func qft(n int, swaps bool) *circuit.Circuit {
	c := circuit.New(n)
	for q := range n {
		c.H(q)
		for p := q + 1; p < n; p++ {
			c.CP(p, q, circuit.Const(math.Ldexp(math.Pi, q-p)))
		}
	}
	for q := 0; swaps && q < n/2; q++ {
		c.Swap(q, n-1-q)
	}
	return c
}

// qaoa is two layers of the approximate optimisation of a maximal cut, with trained angles.
func qaoa(n int, edges [][2]int) *circuit.Circuit {
	c := circuit.New(n)
	for q := range n {
		c.H(q)
	}
	for l := range 2 {
		for _, e := range edges {
			c.RZZ(e[0], e[1], circuit.Theta(2*l))
		}
		for q := range n {
			c.RX(q, circuit.Theta(2*l+1))
		}
	}
	return c
}

// cubic returns a random graph with three edges at each of n vertices.
func cubic(n int) [][2]int {
	r := rand.New(rand.NewPCG(1, 1))
	for {
		ends, edges := r.Perm(3*n), map[[2]int]bool{}
		var list [][2]int
		for i := 0; i < len(ends); i += 2 {
			a, b := min(ends[i]/3, ends[i+1]/3), max(ends[i]/3, ends[i+1]/3)
			if a != b && !edges[[2]int{a, b}] {
				edges[[2]int{a, b}] = true
				list = append(list, [2]int{a, b})
			}
		}
		if len(list) == 3*n/2 {
			return list
		}
	}
}

// tokyo is the map with 20 qubits for which most figures were published: a grid of 4×5 with crossed squares.
func tokyo() circuit.Coupling {
	pairs := circuit.Grid(4, 5).Pairs()
	for _, q := range []int{1, 3, 5, 7, 11, 13} {
		pairs = append(pairs, [2]int{q, q + 6}, [2]int{q + 1, q + 5})
	}
	return circuit.Pairs(20, pairs, false)
}

// table returns what circuits cost in {rz, sx, x, cx} on several maps.
func table(t *testing.T) string {
	var out strings.Builder
	line := circuit.Line
	columns := []func(n int) circuit.Coupling{circuit.AllToAll, line,
		func(int) circuit.Coupling { return circuit.Grid(4, 5) },
		func(int) circuit.Coupling { return circuit.HeavyHex(3) },
		func(int) circuit.Coupling { return tokyo() }}
	out.WriteString("| circuit | as it is | all to all | line | grid 4×5 | heavy hex, 19 | Q20 |\n")
	out.WriteString("|---|---|---|---|---|---|---|\n")
	cell := func(n transpile.Counts) string { return fmt.Sprintf("%d, %d", n.TwoQubit, n.Depth) }
	ansatz := func(a qlayer.Ansatz) *circuit.Circuit { return a(8) }
	var ring [][2]int
	for q := range 8 {
		ring = append(ring, [2]int{q, (q + 1) % 8})
	}
	for _, row := range []struct {
		name string
		c    *circuit.Circuit
	}{
		{"QFT 8", qft(8, true)}, {"QFT 10", qft(10, true)}, {"QFT 16", qft(16, true)},
		{"QFT 10 without its swaps", qft(10, false)}, {"QFT 16 without its swaps", qft(16, false)},
		{"QAOA, ring of 8", qaoa(8, ring)}, {"QAOA, cubic graph of 10", qaoa(10, cubic(10))},
		{"QAOA, cubic graph of 16", qaoa(16, cubic(16))},
		{"RealAmplitudes(2)", ansatz(qlayer.RealAmplitudes(2))}, {"Entangling(2)",
			ansatz(qlayer.Entangling(2))},
		{"HardwareEfficient(2)", ansatz(qlayer.HardwareEfficient(2))},
		{"StronglyEntangling(2)", ansatz(qlayer.StronglyEntangling(2))}, {"Brick(2)",
			ansatz(qlayer.Brick(2))},
		{"Butterfly", ansatz(qlayer.Butterfly())}, {"Pyramid", ansatz(qlayer.Pyramid())},
	} {
		var cells []string
		for _, m := range columns {
			r, err := transpile.Compiler{Gates: set(t, "rz-sx-cx"), Coupling: m(row.c.Qubits()),
				Seed: 1}.Run(row.c)
			if err != nil {
				t.Fatal(err)
			}
			if cells == nil {
				cells = []string{cell(r.Before)}
			}
			text := cell(r.After)
			if !m(row.c.Qubits()).All() {
				text += fmt.Sprintf(" (%d)", r.Swaps)
			}
			cells = append(cells, text)
		}
		fmt.Fprintf(&out, "| %s | %s |\n", row.name, strings.Join(cells, " | "))
	}
	return out.String()
}

var update = flag.Lookup("update") // of the tests that circuittest shares

// TestPage compares the table in docs/devices.md with what comes out now.
//
//	go test ./qops/transpile -run Page -update
func TestPage(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute on a busy machine")
	}
	const file, begin, end = "../../docs/devices.md", "<!-- compiled -->\n", "<!-- end -->"
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), begin)
	old, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no %q and %q", file, begin, end)
	}
	got := table(t)
	switch {
	case got == old:
	case update.Value.String() == "true":
		if err := os.WriteFile(file, []byte(before+begin+got+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s differs; go test ./qops/transpile -run Page -update writes it again. Got\n%s", file, got)
	}
}

// TestSuite prints the swaps of circuits in OpenQASM 2 on Q20, those of a folder that HQVIT_TEST_CIRCUITS
// names.
//
//	HQVIT_TEST_CIRCUITS=FOLDER go test ./qops/transpile -run Suite -v
func TestSuite(t *testing.T) {
	folder := os.Getenv("HQVIT_TEST_CIRCUITS")
	if folder == "" {
		t.Skip("HQVIT_TEST_CIRCUITS names no folder")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.qasm"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		c, err := qasm.Parse(file)
		if err != nil {
			t.Fatal(name, err)
		}
		r, err := transpile.Compiler{Gates: set(t, "rz-sx-cx"), Coupling: tokyo(), Seed: 1}.Run(c)
		if err != nil {
			t.Fatal(name, err)
		}
		t.Logf("%s: %d CX, with %d swaps %d", filepath.Base(name), r.Before.TwoQubit, r.Swaps,
			r.After.TwoQubit)
	}
}
