package qops

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
)

// scoreShift is the gradient of CircuitScores by the angles from scores at shifted angles, by the rule of
// each place where an angle enters a circuit: what a device has to run. The scores are linear in
// expectations, for which the rules hold, and may come from shots.
type scoreShift[T op.Float] struct {
	scores  *scoreKernel[T] // with an angle of its own for each place, on all heads at once
	places  []circuit.ParamOccurrence
	rules   [][]circuit.Shift
	theta   headAngles[T] // of the caller
	angles  []T           // (H, places)
	out     []T           // (B, H, T, T)
	operand [][]T         // of scores
	drawn   uint64        // how many values were drawn in a backward pass
	seeds   []uint64      // of the forward pass
}

// newScoreShift returns the gradient for W† = joint, whose angles are in operands of those widths.
func newScoreShift[T op.Float](k scoreShape, joint *circuit.Circuit, widths []int) (*scoreShift[T], error) {
	split, places, _, err := joint.SplitParameters()
	if err != nil {
		return nil, err
	}
	g := &scoreShift[T]{places: places, theta: newHeadAngles[T](widths),
		angles: make([]T, k.heads*len(places)), out: make([]T, k.shape().TotalSize())}
	for _, p := range places {
		rule := circuit.ParamOccurrence.ValueRule
		if k.kind == ScoreSigned { // linear in the state: as the rule of the circuit under control has it
			rule = circuit.ParamOccurrence.StateRule
		}
		shifts, err := rule(p)
		if err != nil {
			return nil, err
		}
		g.rules = append(g.rules, shifts)
	}
	plan, err := compileUnitary[T](split)
	if err != nil {
		return nil, err
	}
	if !k.shots.exact() {
		g.seeds = make([]uint64, k.images)
		k.shots = Shots{Count: k.shots.Count, Seeds: g.again}
	}
	g.scores = newScoreKernel[T](k, false)
	g.scores.circuits = newPatchwise(k, plan, split.Real(), []int{len(places)})
	for _, b := range append(g.scores.saved, g.scores.scratch...) {
		*b.Slice = make([]T, b.Len)
	}
	return g, nil
}

// again sets the seeds of the coming value, which has random numbers of its own.
func (g *scoreShift[T]) again(seeds []uint64) error {
	g.drawn++
	for i, x := range g.seeds {
		seeds[i] = splitmix.Mix(splitmix.Mix(x) ^ g.drawn)
	}
	return nil
}

// backward writes the gradients by the angles of s, from the images that its forward pass has encoded. Those
// that are nil are left out.
func (g *scoreShift[T]) backward(s *scoreKernel[T], dtheta, in [][]T, dout []T) error {
	if s.draws != nil {
		copy(g.seeds, s.draws.seeds)
		g.drawn = 0
	}
	theta := in[1:s.scaleIndex()]
	slopes := make([][]float64, s.heads) // by head: of the caller's angles
	for h := range s.heads {
		if err := g.theta.gather(theta, h); err != nil {
			return err
		}
		for i, p := range g.places {
			g.angles[h*len(g.places)+i] = T(circuit.Value(p.Angle, g.theta.theta, nil))
		}
		slopes[h] = make([]float64, len(g.theta.theta))
	}
	g.operand = append(g.operand[:0], s.unit, g.angles)
	g.operand = append(g.operand, in[s.scaleIndex():]...)
	for i := range g.places {
		if err := g.differentiate(i, dout, slopes); err != nil {
			return err
		}
	}
	for h := range s.heads {
		for i, v := range slopes[h] {
			g.theta.dtheta[i] = T(v)
		}
		g.theta.scatter(dtheta, h)
	}
	return nil
}

// differentiate adds the part of a place to the slopes of Σ dout·out.
func (g *scoreShift[T]) differentiate(i int, dout []T, slopes [][]float64) error {
	s, p := g.scores, g.places[i]
	for _, term := range g.rules[i] {
		for _, sign := range []float64{1, -1} {
			err := g.shifted(i, sign*term.By, func() error { return s.forward(g.out, g.operand) })
			if err != nil {
				return errors.WithMessage(err, "ParameterShift")
			}
			factor := sign * term.Weight * p.Angle.Scale
			for image := range s.images {
				for h := range s.heads {
					sum := dense.Dot(s.pair(dout, image, h), s.pair(g.out, image, h))
					slopes[h][p.Angle.Index] += factor * float64(sum)
				}
			}
		}
	}
	return nil
}

// shifted calls f with the angle of a place shifted in all heads.
func (g *scoreShift[T]) shifted(i int, by float64, f func() error) error {
	kept := make([]T, g.scores.heads)
	for h := range kept {
		kept[h] = g.angles[h*len(g.places)+i]
		g.angles[h*len(g.places)+i] = T(float64(kept[h]) + by)
	}
	err := f()
	for h, v := range kept {
		g.angles[h*len(g.places)+i] = v
	}
	return err
}
