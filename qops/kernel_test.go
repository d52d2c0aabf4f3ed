package qops

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// kernel is an operation without its graph, whose machine takes some 30 µs a run and allocates for each node.
type kernel struct {
	name     string
	forward  func(out []float32, in [][]float32) error
	backward func(din, in [][]float32, out, dout []float32) error
	result   int   // numbers
	operands []int // numbers of each
}

// passes returns the two passes on random operands, ready to run: the forward pass has run once.
func (k kernel) passes(t testing.TB) map[string]func() error {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	normals := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		return x
	}
	out, dout := make([]float32, k.result), normals(k.result)
	var in, din [][]float32
	for _, n := range k.operands {
		in, din = append(in, normals(n)), append(din, make([]float32, n))
	}
	if err := k.forward(out, in); err != nil {
		t.Fatal(err)
	}
	return map[string]func() error{
		"forward":  func() error { return k.forward(out, in) },
		"backward": func() error { return k.backward(din, in, out, dout) },
	}
}

// rotationRing is an RY on every qubit and a ring of CX, a few times.
func rotationRing(qubits, layers int) *circuit.Circuit {
	c := circuit.New(qubits)
	for l := range layers {
		for q := range qubits {
			c.RY(q, circuit.Theta(l*qubits+q))
		}
		for q := range qubits {
			c.CX(q, (q+1)%qubits)
		}
	}
	return c
}

// unitaryKernel builds W of one head for two layers of rotationRing.
func unitaryKernel(t testing.TB, qubits int) kernel {
	t.Helper()
	c := rotationRing(qubits, 2)
	joint, err := joinCircuits(c, c)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := statevec.CompileReal[float32](joint)
	if err != nil {
		t.Fatal(err)
	}
	u := newColumns(plan, true, []int{2 * qubits, 2 * qubits})
	return kernel{fmt.Sprint("Unitary/d=", u.dim), u.forward, u.backward, u.size,
		[]int{2 * qubits, 2 * qubits}}
}

// withMemory gives a kernel the memory that a node would.
func withMemory(b *scoreKernel[float32]) *scoreKernel[float32] {
	for _, m := range append(b.saved, b.scratch...) {
		*m.Slice = make([]float32, m.Len)
	}
	return b
}

// scoresKernel has 16 images.
func scoresKernel(t testing.TB, tokens, heads, head int, complex bool) kernel {
	t.Helper()
	x, w := tensor.Shape{16, tokens, heads * head}, tensor.Shape{heads, head, head}
	if complex {
		w = append(w, 2)
	}
	k, err := newScoreShape(x, w, ScoreOptions{Gain: float64(tokens * tokens)})
	if err != nil {
		t.Fatal(err)
	}
	s := withMemory(newScoreKernel[float32](k, complex))
	name := fmt.Sprintf("Scores/T=%d,d=%d,heads=%d,complex=%v", tokens, head, heads, complex)
	return kernel{name, s.forward, s.backward, 16 * heads * tokens * tokens,
		[]int{x.TotalSize(), w.TotalSize(), heads}}
}

// kernels are those whose time and memory matter, at the sizes of the two yardsticks.
func kernels(t testing.TB) []kernel {
	t.Helper()
	return []kernel{
		unitaryKernel(t, 4), unitaryKernel(t, 6), unitaryKernel(t, 8),
		scoresKernel(t, 16, 1, 64, false), scoresKernel(t, 16, 1, 64, true),
		scoresKernel(t, 64, 4, 32, false), scoresKernel(t, 64, 4, 32, true),
	}
}

// TestKernelsDoNotAllocate once they have run: a training run's memory does not grow.
func TestKernelsDoNotAllocate(t *testing.T) {
	if raced {
		t.Skip("the race detector makes pools forget")
	}
	for _, k := range kernels(t) {
		for name, pass := range k.passes(t) {
			n := testing.AllocsPerRun(3, func() {
				if err := pass(); err != nil {
					t.Fatal(err)
				}
			})
			if n > 0 {
				t.Errorf("%s, %s: %v allocations a run", k.name, name, n)
			}
		}
	}
}

func BenchmarkKernels(b *testing.B) {
	for _, k := range kernels(b) {
		passes := k.passes(b)
		for _, name := range []string{"forward", "backward"} {
			b.Run(k.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					if err := passes[name](); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
