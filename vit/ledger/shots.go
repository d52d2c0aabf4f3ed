package ledger

import (
	"math"

	"github.com/pkg/errors"
)

// Precision is the standard error wanted of each coefficient.
type Precision struct {
	Absolute float64 `json:"absolute"` // of the overlap ρ of two tokens at unit norm, which is in [0,1]
	Relative float64 `json:"relative"` // as a fraction of the coefficient
}

func (p Precision) check() error {
	if !(p.Absolute > 0 && p.Relative > 0) || math.IsInf(p.Absolute+p.Relative, 0) {
		return errors.Errorf("ledger: errors of %v and %v, want both finite and above 0",
			p.Absolute, p.Relative)
	}
	return nil
}

// ShotBudget is what it takes to estimate all coefficients of one image on a device.
//
// A shot of a swap test of two tokens at unit norm has the ancilla at 0 with probability p = ½(1+ρ). ρ = 2p −
// 1 is estimated from N shots with the variance 4p(1−p)/N = (1−ρ²)/N. The typical ρ is taken to be 1/d, the
// mean for two vectors of width d if one of them has a random direction.
//
// In the form of the whole image a shot finds the pair (i, j) with probability n_i·n_j, 1/T² if tokens are
// equally long, and then the same ancilla: N shots for each pair are T²·N shots, which serve all pairs at
// once. Its coefficient is S = n_i·n_j·ρ, of typical size 1/(T²d); both forms know n_i from the image.
type ShotBudget struct {
	Precision
	Overlap     float64 `json:"overlap"`     // typical ρ
	Coefficient float64 `json:"coefficient"` // typical S

	Pairs     float64 `json:"pairs"`      // of an image: T² a head, as U_q†U_k has no symmetry
	PairShots float64 `json:"pair_shots"` // for the absolute error of a pair
	Shots     float64 `json:"shots"`      // for all pairs of an image

	PairGates  float64 `json:"pair_gates"`  // gates of an image, each pair prepared alone
	WholeGates float64 `json:"whole_gates"` // the same, each shot preparing the whole image
	FreeGates  float64 `json:"free_gates"`  // the same, if preparation took no gates
	// each pair prepared alone, one shot a pair: far from the error wanted
	OnceGates float64 `json:"once_gates"`
	// layers of gates one after the other, each pair alone, on one device
	Depth float64 `json:"depth"`

	RelativePairShots float64 `json:"relative_pair_shots"` // for the relative error of a pair
	RelativeShots     float64 `json:"relative_shots"`
	RelativePairGates float64 `json:"relative_pair_gates"`

	Flops float64 `json:"flops"` // of the same coefficients, as the model computes them
}

// shotsFor returns the shots after which an overlap ρ has the standard error e.
func shotsFor(rho, e float64) float64 { return math.Ceil(round((1 - rho*rho) / (e * e))) }

// round removes what the division of decimal fractions adds to whole numbers.
func round(x float64) float64 {
	if r := math.Round(x); math.Abs(x-r) < 1e-9*r {
		return r
	}
	return x
}

func (l *Ledger) shotBudget(p Precision) ShotBudget {
	rho := 1 / float64(l.Width)
	b := ShotBudget{
		Precision: p, Overlap: rho, Coefficient: rho / float64(l.Tokens) / float64(l.Tokens),
		PairShots: shotsFor(rho, p.Absolute), RelativePairShots: shotsFor(rho, p.Relative*rho),
		Flops: float64(l.Flops.Scores),
	}
	pair, whole, test := float64(l.PairWhole.Total()), float64(l.Whole.Total()), float64(l.Test.Total())
	b.Pairs = float64(l.Tokens) * float64(l.Tokens) * float64(l.Heads) * float64(l.Blocks)
	b.Shots, b.RelativeShots = b.Pairs*b.PairShots, b.Pairs*b.RelativePairShots
	b.PairGates, b.WholeGates, b.FreeGates = b.Shots*pair, b.Shots*whole, b.Shots*test
	b.OnceGates, b.Depth, b.RelativePairGates = b.Pairs*pair, b.Shots*float64(l.PairWhole.Depth),
		b.RelativeShots*pair
	return b
}

// Growth is a head of some shape, by the formulas.
type Growth struct {
	Shape
	Qubits           int     `json:"qubits"`
	Angles           int     `json:"angles"`
	TestGates        int     `json:"test_gates"`        // of the swap test alone
	PreparationGates float64 `json:"preparation_gates"` // of both copies of the image
	PairShots        float64 `json:"pair_shots"`        // for the absolute error of a pair
	// to estimate all coefficients, each pair prepared alone
	PairGates  float64 `json:"pair_gates"`
	WholeGates float64 `json:"whole_gates"` // the same, the whole image prepared in each shot
	FreeGates  float64 `json:"free_gates"`  // the same, if preparation took no gates
	Flops      float64 `json:"flops"`       // of the coefficients, by the cheaper route
}

// overWidth returns the head at the widths 2, 4, …, 2^20.
func (s Shape) overWidth(p Precision) (rows []Growth) {
	for k := 1; k <= 20; k++ {
		rows = append(rows, Shape{s.Tokens, 1 << k, s.Layers}.growth(p))
	}
	return rows
}

// overTokens returns the head at 1, 2, …, 2^20 tokens.
func (s Shape) overTokens(p Precision) (rows []Growth) {
	for k := 0; k <= 20; k++ {
		rows = append(rows, Shape{1 << k, s.Width, s.Layers}.growth(p))
	}
	return rows
}

func (s Shape) growth(p Precision) Growth {
	g := Growth{
		Shape: s, Qubits: s.qubits(), Angles: 2 * s.Layers * s.dataQubits(),
		TestGates: s.testGates().Total(), Flops: s.scoreFlops(),
		PreparationGates: 2 * float64(preparationGates(s.indexQubits()+s.dataQubits()).Total()),
		PairShots:        shotsFor(1/float64(s.Width), p.Absolute),
	}
	shots := float64(s.Tokens) * float64(s.Tokens) * g.PairShots
	g.PairGates = shots * float64(s.pair().wholeGates().Total())
	g.WholeGates = shots * float64(s.wholeGates().Total())
	g.FreeGates = shots * float64(g.TestGates)
	return g
}
