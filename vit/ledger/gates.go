package ledger

import (
	"math/bits"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
)

// Gates is what a circuit takes in CX and one-qubit gates.
type Gates struct {
	Qubits   int  `json:"qubits"`
	CX       int  `json:"cx"`
	OneQubit int  `json:"one_qubit"`
	Depth    int  `json:"depth"`      // layers of gates that can run at the same time
	Formula  bool `json:"by_formula"` // not counted: the circuit would have more than circuit.MaxQubits
}

// Total returns the number of gates.
func (g Gates) Total() int { return g.CX + g.OneQubit }

// countGates returns the gates of a circuit whose angles are bound.
func countGates(c *circuit.Circuit) (Gates, error) {
	e, err := c.Decompose(circuit.IntoCX)
	if err != nil {
		return Gates{}, err
	}
	r := e.Resources()
	return Gates{Qubits: r.Qubits, CX: r.Gates["cx"], OneQubit: r.Total - r.Gates["cx"], Depth: r.Depth}, nil
}

// Shape is the image that a head sees: T tokens of width d, and the layers of its two circuits U_q and U_k,
// which are qlayer.RealAmplitudes.
type Shape struct {
	Tokens int `json:"tokens"`
	Width  int `json:"width"`
	Layers int `json:"layers"`
}

// indexQubits returns ⌈log2 T⌉, the qubits that name a token.
func (s Shape) indexQubits() int { return bits.Len(uint(s.Tokens - 1)) }

// dataQubits returns ⌈log2 d⌉, at least 1, the qubits that hold the values of a token.
func (s Shape) dataQubits() int { return max(1, bits.Len(uint(s.Width-1))) }

// qubits returns 2·(index + data) + 1, the qubits of the swap test of a whole image.
func (s Shape) qubits() int { return 2*(s.indexQubits()+s.dataQubits()) + 1 }

// pair returns the shape of one token by itself: its swap test compares two tokens that have been prepared
// alone, each at unit norm.
func (s Shape) pair() Shape { return Shape{1, s.Width, s.Layers} }

// preparationGates returns the gates of circuit.Prepare for real amplitudes without structure on m qubits:
//
//	CX 2^m − 2    RY 2^m − 1    depth 2^(m+1) − m − 2
//
// Zeros that pad an image are amplitudes like others; an amplitude that happens to divide evenly may spare a
// gate.
func preparationGates(m int) Gates {
	return Gates{Qubits: m, CX: 1<<m - 2, OneQubit: 1<<m - 1, Depth: 1<<(m+1) - m - 2, Formula: true}
}

// testGates returns the gates of the swap test after the preparation, with n data qubits and L layers:
//
//	CX 2Ln + 8n    one qubit 2Ln + 9n + 2    depth (L+8)n + L + 5
//
// For n = 1 there is no ring of CX: CX 8 and depth L + 13.
func (s Shape) testGates() Gates {
	n, l := s.dataQubits(), s.Layers
	g := Gates{
		Qubits: s.qubits(), CX: 2*l*n + 8*n, OneQubit: 2*l*n + 9*n + 2, Depth: (l+8)*n + l + 5, Formula: true,
	}
	if n == 1 {
		g.CX, g.Depth = 8, l+13
	}
	return g
}

// wholeGates returns the gates of one shot: two preparations side by side, then the swap test. With index
// qubits the first n − 2 layers of the test run beside the last of the preparation.
func (s Shape) wholeGates() Gates {
	g, p := s.testGates(), preparationGates(s.indexQubits()+s.dataQubits())
	g.CX += 2 * p.CX
	g.OneQubit += 2 * p.OneQubit
	g.Depth += p.Depth
	if s.indexQubits() > 0 {
		g.Depth -= max(0, s.dataQubits()-2)
	}
	return g
}

// ansatz returns U_q or U_k; its angles are the θ from first on.
func (s Shape) ansatz(first int) *circuit.Circuit {
	return qlayer.RealAmplitudes(s.Layers)(s.dataQubits()).OffsetParams(first, 0)
}

// generic returns n numbers without any relation: angles and amplitudes at which nothing cancels.
func generic(n int) []float64 {
	random := splitmix.Source(1)
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(random.Uint64()>>11)/(1<<53)*2 - 1
	}
	return out
}

// swapTest returns the literal circuit, with or without the preparation of an image.
func (s Shape) swapTest(prepared bool) *circuit.Circuit {
	u := s.ansatz(0)
	var image []float64
	if prepared {
		image = generic(s.Tokens * s.Width)
	}
	c := circuit.SwapTest(image, s.Tokens, s.Width, u, u)
	return c.Bind(generic(c.NumTheta()), nil)
}

// countSwapTest returns testGates or, prepared, wholeGates, counted if the circuit is small enough to build.
func (s Shape) countSwapTest(prepared bool) (Gates, error) {
	switch {
	case s.qubits() <= circuit.MaxQubits:
		return countGates(s.swapTest(prepared))
	case prepared:
		return s.wholeGates(), nil
	}
	return s.testGates(), nil
}

// countPreparation returns the gates of one copy of the image, counted if its swap test is.
func (s Shape) countPreparation() (Gates, error) {
	m := s.indexQubits() + s.dataQubits()
	if s.qubits() > circuit.MaxQubits {
		return preparationGates(m), nil
	}
	amplitudes := make([]complex128, 1<<m)
	for i, v := range generic(s.Tokens * s.Width) {
		amplitudes[i/s.Width<<s.dataQubits()|i%s.Width] = complex(v, 0)
	}
	return countGates(circuit.Prepare(amplitudes))
}
