package qops

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// NoisyScores returns CircuitScores as a noisy device measures them, pair by pair on the qubits of one patch: it
// prepares patch i, runs U_q, the inverse of U_k and the inverse of what prepares patch j, and counts how often
// all qubits are 0, f_ij. The norms of the patches are known, so that the score is S_ij = n_i·n_j·f_ij. The noise
// follows every gate of the four circuits; without any, this is CircuitScores to rounding.
//
//	x       (B, T, D)        real; head h sees the columns h·D/H to (h+1)·D/H
//	thetaQ  (H, q.NumTheta)  radians; nil if q has no trainable angle
//	thetaK  (H, k.NumTheta)  radians; nil if k has none
//	out     (B, H, T, T)     Gain · Scale[h] · S
//
// With shots, each is spent on a pair, drawn with n_i·n_j, so that the part of all shots that come to all 0 of a
// pair is an unbiased estimate of S_ij.
//
// Differentiable once in x, thetaQ, thetaK and Scale, through the noise. Where neighbouring amplitudes of a patch
// are 0 together, the angles that prepare them have no gradient, and that by these amplitudes is taken as 0. It
// returns an error for a Kind other
// than ScoreOverlap, for circuits with gates of more than two qubits, and those of CircuitScores.
//
// Source: docs/math.md, section 9.
func NoisyScores(x *G.Node, q, k *circuit.Circuit, thetaQ, thetaK *G.Node, noise circuit.Noise,
	o ScoreOptions) (*G.Node, error) {
	shape, angles, err := noisyShape(x, q, k, thetaQ, thetaK, o)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: NoisyScores")
	}
	prepare := circuit.Preparation(q.Qubits())
	first, err := noise.Apply(prepare.Compose(q))
	if err != nil {
		return nil, errors.WithMessage(err, "qops: NoisyScores")
	}
	back, err := noise.Apply(circuit.Preparation(q.Qubits()).Compose(k).Adjoint())
	if err != nil {
		return nil, errors.WithMessage(err, "qops: NoisyScores")
	}
	second := inverted(back.Steps(), q.Qubits(), nil)
	operands := append(angles, dropNil(o.Scale)...)
	sizes := noisySizes{q.NumTheta(), k.NumTheta(), 1 << q.Qubits()}
	return op.ByDtype(x, noisyScores("NoisyScores", shape, sizes, overlapOf[float32](shape, first, second)),
		noisyScores("NoisyScores", shape, sizes, overlapOf[float64](shape, first, second)), operands...)
}

// overlaps is what measures f_ij: all pairs of the patches of each image.
type overlaps[T op.Float] interface {
	Apply(first, second statevec.Inputs[T], out []T) error
	Adjoint(first, second statevec.Inputs[T], dout []T, toFirst, toSecond statevec.Gradients[T]) error
}

func overlapOf[T op.Float](k scoreShape, first, second *circuit.Noisy) func() (overlaps[T], error) {
	return func() (overlaps[T], error) {
		return statevec.NewNoisyOverlap[T](k.images, k.tokens, first, second, nil, 1)
	}
}

// noisySizes are the angles of query and key, and the amplitudes of a patch.
type noisySizes struct{ query, key, amplitudes int }

func noisyShape(x *G.Node, q, k *circuit.Circuit, thetaQ, thetaK *G.Node, o ScoreOptions) (scoreShape, G.Nodes, error) {
	joint, heads, err := unitaryOperands(q, k, thetaQ, thetaK)
	if err != nil {
		return scoreShape{}, nil, err
	}
	if x == nil {
		return scoreShape{}, nil, errors.New("x is nil")
	}
	shape, err := newScoreShape(x.Shape(), unitaryShape(joint, heads), o)
	if err == nil && o.Kind != ScoreOverlap {
		err = errors.New("want the Kind ScoreOverlap with noise")
	}
	if err == nil {
		err = checkSize(shape.images*shape.tokens, 2*q.Qubits()-1)
	}
	return shape, dropNil(thetaQ, thetaK), err
}

func noisyScores[T op.Float](name string, k scoreShape, sizes noisySizes,
	open func() (overlaps[T], error)) op.NodeFunc {
	return func(operands ...*G.Node) (*G.Node, error) {
		s := &noisyKernel[T]{scoreShape: k, noisySizes: sizes}
		var err error
		if s.overlap, err = open(); err != nil {
			return nil, errors.WithMessage(err, "qops: "+name)
		}
		rows, pairs := k.images*k.tokens, k.images*k.tokens*k.tokens
		s.angles, s.dfirst, s.dsecond = make([]T, rows*(s.amplitudes-1)), make([]T, rows*(s.amplitudes-1)), make([]T, rows*(s.amplitudes-1))
		s.f, s.df, s.shares, s.dshares = make([]T, pairs), make([]T, pairs), make([]float64, rows), make([]float64, rows)
		s.state, s.turns, s.dstate = make([]float64, s.amplitudes), make([]float64, s.amplitudes-1), make([]float64, s.amplitudes)
		s.norms, s.scales = make([]float64, k.images), make([]float64, k.images)
		if s.draws = newDraws[T](k.shots, k.images, k.shape().TotalSize()); s.draws != nil {
			s.drawn = splitmix.NewHistogram(k.tokens*k.tokens + 1)
		}
		n, err := op.Apply(op.Kernel[T]{Name: name, Shape: k.shape(), Forward: s.forward,
			Backward: s.backward}, operands...)
		if err != nil {
			return nil, err
		}
		return n, s.draws.offer(n)
	}
}

// noisyKernel is the kernel of NoisyScores. The operands are x, the angles and perhaps Scale.
type noisyKernel[T op.Float] struct {
	scoreShape
	noisySizes
	overlap overlaps[T]
	draws   *draws[T] // nil: exact values
	drawn   *splitmix.Histogram

	// Of the head at work.
	angles, dfirst, dsecond []T       // (B, T, dim−1): of the preparation, and the gradients
	f, df                   []T       // (B, T, T)
	shares, dshares         []float64 // (B, T): n_i
	norms, scales           []float64 // (B): ‖x‖² of the head's part of an image, and its largest number: x is divided by it

	state, turns, dstate []float64 // of a patch
}

// split returns x, the angles of head h and the scales of operands or their gradients.
func (s *noisyKernel[T]) split(list [][]T, h int) (x, query, key, scale []T) {
	x, list = list[0], list[1:]
	part := func(width int) (angles []T) {
		if width > 0 {
			if list[0] != nil {
				angles = list[0][h*width : (h+1)*width]
			}
			list = list[1:]
		}
		return angles
	}
	query, key = part(s.query), part(s.key)
	if len(list) > 0 {
		scale = list[0]
	}
	return x, query, key, scale
}

// patch sets state to what head h sees of a patch.
func (s *noisyKernel[T]) patch(x []T, row, h int) {
	clear(s.state)
	for i, v := range x[row*s.width+h*s.head : row*s.width+(h+1)*s.head] {
		s.state[i] = float64(v) / s.scales[row/s.tokens]
	}
}

// setScale sets the largest number of what head h sees of an image: its squares are safe.
func (s *noisyKernel[T]) setScale(x []T, image, h int) error {
	largest := 0.0
	for row := image * s.tokens; row < (image+1)*s.tokens; row++ {
		for _, v := range x[row*s.width+h*s.head : row*s.width+(h+1)*s.head] {
			if a := math.Abs(float64(v)); !(a <= math.MaxFloat64) {
				return notFinite("x", x, []int{s.images, s.tokens, s.width})
			} else if a > largest {
				largest = a
			}
		}
	}
	if largest == 0 {
		largest = 1
	}
	s.scales[image] = largest
	return nil
}

// run sets shares, angles and overlaps of head h.
func (s *noisyKernel[T]) run(in [][]T, h int) (first, second statevec.Inputs[T], err error) {
	x, query, key, _ := s.split(in, h)
	rows := s.images * s.tokens
	for i := range s.images {
		if err := s.setScale(x, i, h); err != nil {
			return first, second, err
		}
		s.norms[i] = 0
		for row := i * s.tokens; row < (i+1)*s.tokens; row++ {
			s.patch(x, row, h)
			sum := 0.0
			for _, v := range s.state {
				sum += v * v
			}
			s.shares[row] = sum
			s.norms[i] += sum
			if err := circuit.PreparationAngles(s.state, s.turns); err != nil {
				return first, second, err
			}
			for j, a := range s.turns {
				s.angles[row*(s.amplitudes-1)+j] = T(a)
			}
		}
		for row := i * s.tokens; row < (i+1)*s.tokens && s.norms[i] > 0; row++ {
			s.shares[row] /= s.norms[i]
		}
	}
	first = statevec.Inputs[T]{Rows: rows, Theta: query, Data: s.angles}
	second = statevec.Inputs[T]{Rows: rows, Theta: key, Data: s.angles}
	return first, second, nil
}

// eachPair calls f for every pair of patches of an image, with its place among the pairs of a head and n_i·n_j.
func (s *noisyKernel[T]) eachPair(i int, f func(at, row, column int, share float64)) {
	for r := range s.tokens {
		for c := range s.tokens {
			row, column := i*s.tokens+r, i*s.tokens+c
			f(row*s.tokens+c, row, column, s.shares[row]*s.shares[column])
		}
	}
}

func (s *noisyKernel[T]) factor(scale []T, h int) float64 {
	if scale == nil {
		return s.gain
	}
	return s.gain * float64(scale[h])
}

func (s *noisyKernel[T]) forward(out []T, in [][]T) error {
	if s.draws != nil {
		if err := s.draws.next(); err != nil {
			return err
		}
	}
	size := s.tokens * s.tokens
	for h := range s.heads {
		first, second, err := s.run(in, h)
		if err != nil {
			return err
		}
		if err := s.overlap.Apply(first, second, s.f); err != nil {
			return err
		}
		_, _, _, scale := s.split(in, h)
		factor := s.factor(scale, h)
		for i := range s.images {
			from := (i*s.heads + h) * size
			to := out[from : from+size]
			s.eachPair(i, func(at, _, _ int, share float64) { to[at-i*size] = T(factor * share * float64(s.f[at])) })
			switch {
			case s.draws == nil:
			case s.norms[i] > 0:
				s.estimate(i, h, factor, to)
			case s.draws.stderr != nil: // a dark image has no error
				clear(s.draws.stderr[from : from+size])
			}
		}
	}
	return nil
}

// estimate replaces the scores of head h of image i by estimates.
func (s *noisyKernel[T]) estimate(i, h int, factor float64, to []T) {
	size := len(to)
	weights, rest := s.drawn.Weights(), 1.0
	s.eachPair(i, func(at, _, _ int, share float64) {
		w := max(0, share*float64(s.f[at]))
		weights[at-i*size] = w
		rest -= w
	})
	weights[size] = max(0, rest)
	random := splitmix.Source(splitmix.Mix(splitmix.Mix(s.draws.seeds[i]) ^ uint64(h)))
	shots := float64(s.draws.Count)
	var errs []T
	if s.draws.stderr != nil {
		errs = s.draws.stderr[(i*s.heads+h)*size:]
	}
	for at, n := range s.drawn.Draw(s.draws.Count, &random)[:size] {
		p := float64(n) / shots
		to[at] = T(factor * p)
		if errs != nil {
			errs[at] = standardErrorOf[T](factor, p, s.draws.Count)
		}
	}
}

func (s *noisyKernel[T]) backward(din, in [][]T, _, dout []T) error {
	size := s.tokens * s.tokens
	for h := range s.heads {
		first, second, err := s.run(in, h)
		if err != nil {
			return err
		}
		if err := s.overlap.Apply(first, second, s.f); err != nil {
			return err
		}
		_, _, _, scale := s.split(in, h)
		dx, dquery, dkey, dscale := s.split(din, h)
		factor, sum := s.factor(scale, h), 0.0
		clear(s.dshares)
		for i := range s.images {
			from := (i*s.heads + h) * size
			s.eachPair(i, func(at, row, column int, share float64) {
				g, f := float64(dout[from+at-i*size]), float64(s.f[at])
				sum += g * share * f
				s.df[at] = T(g * factor * share)
				s.dshares[row] += g * factor * f * s.shares[column]
				s.dshares[column] += g * factor * f * s.shares[row]
			})
		}
		if dscale != nil {
			dscale[h] = T(s.gain * sum)
		}
		if dx == nil && dquery == nil && dkey == nil {
			continue
		}
		if err := s.overlap.Adjoint(first, second, s.df, statevec.Gradients[T]{Theta: dquery, Data: s.dfirst},
			statevec.Gradients[T]{Theta: dkey, Data: s.dsecond}); err != nil {
			return err
		}
		if dx == nil {
			continue
		}
		if err := s.encodeGrad(dx, h, in[0]); err != nil {
			return err
		}
	}
	return nil
}

// encodeGrad writes the gradient by what head h sees.
func (s *noisyKernel[T]) encodeGrad(dx []T, h int, x []T) error {
	for i := range s.images {
		mean := 0.0
		for row := i * s.tokens; row < (i+1)*s.tokens; row++ {
			mean += s.shares[row] * s.dshares[row]
		}
		for row := i * s.tokens; row < (i+1)*s.tokens; row++ {
			s.patch(x, row, h)
			for j := range s.turns {
				at := row*(s.amplitudes-1) + j
				s.turns[j] = float64(s.dfirst[at]) + float64(s.dsecond[at])
			}
			if err := circuit.PreparationGradient(s.state, s.turns, s.dstate); err != nil {
				return err
			}
			to := dx[row*s.width+h*s.head : row*s.width+(h+1)*s.head]
			for j := range to {
				g := s.dstate[j]
				if s.norms[i] > 0 {
					g += 2 * s.state[j] / s.norms[i] * (s.dshares[row] - mean)
				}
				to[j] = T(g / s.scales[i])
			}
		}
	}
	return nil
}
