package ledger

import (
	"math/bits"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
)

// Gates is what a circuit takes in CX and gates of one qubit.
type Gates struct {
	Qubits   int  `json:"qubits"`
	CX       int  `json:"cx"`
	OneQubit int  `json:"one_qubit"`
	Depth    int  `json:"depth"`      // layers of gates that can run at the same time
	Formula  bool `json:"by_formula"` // not counted on a circuit, which would have more than circuit.MaxQubits
}

// Total returns the number of gates.
func (g Gates) Total() int { return g.CX + g.OneQubit }

// counted returns the gates of a circuit whose angles are bound.
func counted(c *circuit.Circuit) (Gates, error) {
	e, err := c.Decompose(circuit.IntoCX)
	if err != nil {
		return Gates{}, err
	}
	r := e.Resources()
	return Gates{Qubits: r.Qubits, CX: r.Gates["cx"], OneQubit: r.Total - r.Gates["cx"], Depth: r.Depth}, nil
}

// Shape is the image that a head sees: T tokens of width d, which go on index and data qubits, and the layers of its two circuits U_q and U_k, which are
// qlayer.RealAmplitudes.
type Shape struct {
	Tokens int `json:"tokens"`
	Width  int `json:"width"`
	Layers int `json:"layers"`
}

// Index returns ⌈log2 T⌉, the qubits that name a token.
func (s Shape) Index() int { return bits.Len(uint(s.Tokens - 1)) }

// Data returns ⌈log2 d⌉, at least 1, the qubits that hold the values of a token.
func (s Shape) Data() int { return max(1, bits.Len(uint(s.Width-1))) }

// Qubits returns 2·(Index + Data) + 1, those of the swap test of a whole image.
func (s Shape) Qubits() int { return 2*(s.Index()+s.Data()) + 1 }

// Pair returns the shape of one token by itself: its swap test compares two tokens that have been prepared alone, each at unit norm.
func (s Shape) Pair() Shape { return Shape{1, s.Width, s.Layers} }

// Preparation returns the gates of circuit.Prepare for real amplitudes without structure on m qubits:
//
//	CX 2^m − 2    RY 2^m − 1    depth 2^(m+1) − m − 2
//
// Zeros that pad an image are amplitudes as others; an amplitude that happens to divide evenly may spare a gate.
func Preparation(m int) Gates {
	return Gates{Qubits: m, CX: 1<<m - 2, OneQubit: 1<<m - 1, Depth: 1<<(m+1) - m - 2, Formula: true}
}

// Test returns the gates of the swap test behind the preparation, with n = Data qubits and L layers:
//
//	CX 2Ln + 8n    one qubit 2Ln + 9n + 2    depth (L+8)n + L + 5
//
// For n = 1 there is no ring of CX: CX 8 and depth L + 13.
func (s Shape) Test() Gates {
	n, l := s.Data(), s.Layers
	g := Gates{Qubits: s.Qubits(), CX: 2*l*n + 8*n, OneQubit: 2*l*n + 9*n + 2, Depth: (l+8)*n + l + 5, Formula: true}
	if n == 1 {
		g.CX, g.Depth = 8, l+13
	}
	return g
}

// Whole returns the gates of one run: two preparations of Index + Data qubits side by side, then the Test. With index qubits the first n − 2 layers of the test go
// beside the last of the preparation.
func (s Shape) Whole() Gates {
	g, p := s.Test(), Preparation(s.Index()+s.Data())
	g.CX += 2 * p.CX
	g.OneQubit += 2 * p.OneQubit
	g.Depth += p.Depth
	if s.Index() > 0 {
		g.Depth -= max(0, s.Data()-2)
	}
	return g
}

// ansatz returns U_q or U_k, its angles the θ from first on.
func (s Shape) ansatz(first int) *circuit.Circuit {
	return qlayer.RealAmplitudes(s.Layers)(s.Data()).OffsetParams(first, 0)
}

// generic returns n numbers that no relation binds: angles and amplitudes at which nothing cancels.
func generic(n int) []float64 {
	random := nn.SplitMix(1)
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

// counted returns the gates of Test or Whole, counted if the circuit is small enough to build.
func (s Shape) counted(prepared bool) (Gates, error) {
	switch {
	case s.Qubits() <= circuit.MaxQubits:
		return counted(s.swapTest(prepared))
	case prepared:
		return s.Whole(), nil
	}
	return s.Test(), nil
}

// preparation returns the gates of one copy of the image, counted if the swap test of it is.
func (s Shape) preparation() (Gates, error) {
	m := s.Index() + s.Data()
	if s.Qubits() > circuit.MaxQubits {
		return Preparation(m), nil
	}
	amplitudes := make([]complex128, 1<<m)
	for i, v := range generic(s.Tokens * s.Width) {
		amplitudes[i/s.Width<<s.Data()|i%s.Width] = complex(v, 0)
	}
	return counted(circuit.Prepare(amplitudes))
}
