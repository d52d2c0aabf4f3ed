package ledger

import (
	"math"

	"github.com/pkg/errors"
)

// Precision is what is asked of each coefficient, as standard errors.
type Precision struct {
	Absolute float64 `json:"absolute"` // of the overlap ρ of two tokens at unit norm, which is in [0,1]
	Relative float64 `json:"relative"` // as a part of the coefficient
}

func (p Precision) check() error {
	if !(p.Absolute > 0 && p.Relative > 0) || math.IsInf(p.Absolute+p.Relative, 0) {
		return errors.Errorf("ledger: errors of %v and %v, want both above 0", p.Absolute, p.Relative)
	}
	return nil
}

// ShotBudget is what it takes to read all coefficients of one image off a device.
//
// A run of a swap test of two tokens at unit norm has the ancilla at 0 with probability p = ½(1+ρ). ρ = 2p − 1 is estimated with the variance 4p(1−p)/N =
// (1−ρ²)/N. The typical ρ is taken to be 1/d, what two vectors of width d have on the average if one of them points anywhere.
//
// In the form of the whole image a run gives a pair (i, j) with probability n_i·n_j, 1/T² if tokens are equally long, and then the same ancilla: N runs for each
// pair are T²·N runs, which serve all pairs at once. Its coefficient is S = n_i·n_j·ρ, of typical size 1/(T²d); both forms know n_i from the image.
type ShotBudget struct {
	Precision
	Overlap float64 `json:"overlap"` // typical ρ
	Size    float64 `json:"size"`    // typical S

	Pairs float64 `json:"pairs"` // of an image: T² a head, as U_q†U_k has no symmetry
	Shots float64 `json:"shots"` // a pair, for the absolute error
	Runs  float64 `json:"runs"`  // of an image

	Pair      float64 `json:"pair_gates"`  // gates of an image, each pair prepared alone
	Whole     float64 `json:"whole_gates"` // each run preparing the whole image
	Unloaded  float64 `json:"free_gates"`  // if preparation took no gates
	Once      float64 `json:"once_gates"`  // each pair prepared alone, one run a pair: no error is that small
	Layers    float64 `json:"layers"`      // of gates one after the other, each pair alone, on one device
	RelShots  float64 `json:"relative_shots"`
	RelRuns   float64 `json:"relative_runs"`
	RelPair   float64 `json:"relative_pair_gates"`
	Classical float64 `json:"classical"` // flops of the same coefficients, as the model computes them
}

// Shots returns the runs after which an overlap ρ has the standard error e.
func Shots(rho, e float64) float64 { return math.Ceil(round((1 - rho*rho) / (e * e))) }

// round takes away what the division of decimal fractions adds to whole numbers.
func round(x float64) float64 {
	if r := math.Round(x); math.Abs(x-r) < 1e-9*r {
		return r
	}
	return x
}

func (l *Ledger) readout(p Precision) ShotBudget {
	rho := 1 / float64(l.Width)
	r := ShotBudget{Precision: p, Overlap: rho, Size: rho / float64(l.Tokens) / float64(l.Tokens), Shots: Shots(rho, p.Absolute), RelShots: Shots(rho, p.Relative*rho)}
	r.Pairs = float64(l.Tokens) * float64(l.Tokens) * float64(l.Heads) * float64(l.Blocks)
	r.Runs, r.RelRuns = r.Pairs*r.Shots, r.Pairs*r.RelShots
	r.Pair, r.Whole, r.Unloaded = r.Runs*float64(l.PairWhole.Total()), r.Runs*float64(l.Whole.Total()), r.Runs*float64(l.Test.Total())
	r.Once, r.Layers, r.RelPair = r.Pairs*float64(l.PairWhole.Total()), r.Runs*float64(l.PairWhole.Depth), r.RelRuns*float64(l.PairWhole.Total())
	r.Classical = float64(l.Flops.Scores)
	return r
}

// Growth is a head of some shape, by the formulas.
type Growth struct {
	Shape
	Qubits      int     `json:"qubits"`
	Angles      int     `json:"angles"`
	Test        int     `json:"test_gates"`        // of the swap test alone
	Preparation float64 `json:"preparation_gates"` // of both copies of the image
	Shots       float64 `json:"shots"`             // a pair, for the absolute error
	Pair        float64 `json:"pair_gates"`        // to read all coefficients, each pair prepared alone
	Whole       float64 `json:"whole_gates"`       // the same, the whole image prepared in each run
	Unloaded    float64 `json:"free_gates"`        // the same, if preparation took no gates
	Classical   float64 `json:"classical"`         // flops of the coefficients, the better way
}

// OverWidth returns the head at the widths 2, 4, …, 2^20.
func (s Shape) OverWidth(p Precision) (rows []Growth) {
	for k := 1; k <= 20; k++ {
		rows = append(rows, Shape{s.Tokens, 1 << k, s.Layers}.grow(p))
	}
	return rows
}

// OverTokens returns the head at 1, 2, …, 2^20 tokens.
func (s Shape) OverTokens(p Precision) (rows []Growth) {
	for k := 0; k <= 20; k++ {
		rows = append(rows, Shape{1 << k, s.Width, s.Layers}.grow(p))
	}
	return rows
}

func (s Shape) grow(p Precision) Growth {
	g := Growth{Shape: s, Qubits: s.Qubits(), Angles: 2 * s.Layers * s.Data(), Test: s.Test().Total(), Classical: s.ScoreFlops()}
	g.Preparation = 2 * float64(Preparation(s.Index()+s.Data()).Total())
	g.Shots = Shots(1/float64(s.Width), p.Absolute)
	runs := float64(s.Tokens) * float64(s.Tokens) * g.Shots
	g.Pair, g.Whole, g.Unloaded = runs*float64(s.Pair().Whole().Total()), runs*float64(s.Whole().Total()), runs*float64(g.Test)
	return g
}
