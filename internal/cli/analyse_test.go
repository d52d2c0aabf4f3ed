package cli

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
)

func TestAnalyse(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "reuploading.qasm", reuploading)
	a := analyse(t, "--ansatz real-amplitudes,brick --layers 1,2 --qubits 3 --samples 200 --json")
	if len(a.Circuits) != 4 || a.Circuits[1].Name != "real-amplitudes" || a.Circuits[1].Layers != 2 ||
		a.Circuits[1].Angles != 6 || a.Circuits[3].Lie != 28 { // so(8)
		t.Errorf("got %+v", a.Circuits)
	}
	for _, c := range a.Circuits {
		if c.Fisher.Rank < 3 || c.Fisher.Rank > c.Angles || !(c.Gradient.Mean > 0) || !(c.Effective > 1) {
			t.Errorf("got %+v", c)
		}
	}
	a = analyse(t, "reuploading.qasm --fourier x --json --svg s.svg")
	if s := a.Spectrum; s.Degree != 3 || len(s.Power) != 4 || s.Power[0] != 0 || !(s.Power[3] > 1e-3) {
		t.Errorf("got %+v, want frequencies 1 to 3 and no constant", s)
	}
	if svg, err := os.ReadFile("s.svg"); err != nil || !strings.Contains(string(svg), "frequency of x") {
		t.Errorf("%v, %.80s", err, svg)
	}
	// The heads of the model that comes trained: rotations of four qubits, neither the identity nor all alike.
	a = analyse(t, "mnist-hqvit --json")
	if len(a.Learned) != 8 {
		t.Fatalf("%d heads, want 8", len(a.Learned))
	}
	for _, l := range a.Learned {
		sum := 0.0
		for _, p := range l.Phases {
			sum += p
		}
		pairs := math.Abs(math.Mod(sum, math.Pi)) // of real matrices: each phase with its opposite, or 0, or π
		if !l.Real || l.Qubits != 4 || min(pairs, math.Pi-pairs) > 1e-3 || l.Identity < 0.1 || l.Entangling < 0.1 {
			t.Errorf("got %+v", l)
		}
	}
}

// analyse returns what circuit analyse finds, by its JSON.
func analyse(t *testing.T, line string) (a analysed) {
	t.Helper()
	out, _ := command(t, 0, "circuit analyse "+line)
	if err := json.Unmarshal([]byte(out), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnalyseMisuse(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "twice.qasm", reuploading)
	write(t, "measured.qasm", "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[1] q; bit c;\n"+
		"h q[0]; c = measure q[0]; h q[0];\n")
	write(t, "half.qasm", "OPENQASM 3.0;\ninclude \"stdgates.inc\";\ninput angle x;\nqubit[1] q;\nrx(x / 2) q[0];\n")
	play(t, []call{
		{"circuit analyse --ansatz brik", wrongUsage, `ansatz "brik".* brick`},
		{"circuit analyse --qubits 0", wrongUsage, "want numbers of 1 to 20, got 0"},
		{"circuit analyse --layers 1,99", wrongUsage, "got 99"},
		{"circuit analyse --samples 1", wrongUsage, "--samples is 1"},
		{"circuit analyse --plateau 4", wrongUsage, "at least two numbers of qubits"},
		{"circuit analyse --fourier x", wrongUsage, "want a program with an input, FILE.qasm"},
		{"circuit analyse --svg a.png", wrongUsage, "want a name that ends in .svg"},
		{"circuit analyse twice.qasm --fourier y", wrongUsage, "no such input, want one of x, a, b"},
		{"circuit analyse twice.qasm --pauli ZZ", wrongUsage, "name an input by --fourier"},
		{"circuit analyse twice.qasm --svg a.svg", wrongUsage, "or with --fourier a spectrum"},
		{"circuit analyse twice.qasm --qubits 3", wrongUsage, "leave out --qubits"},
		{"circuit analyse twice.qasm --fourier x --pauli Z", failed, "a Pauli string of 2 letters"},
		{"circuit analyse measured.qasm", failed, "measurements at the end alone"},
		{"circuit analyse half.qasm --fourier x", failed, "frequency 0.5, want whole numbers"},
		{"circuit analyse missing.qasm", failed, "no such file"},
		{"circuit analyse mnist-vit-matched", wrongUsage, "no circuits of queries and keys"},
		{"circuit analyse mnist-hqvit --samples 5", wrongUsage, "leave out --samples"},
	})
}
