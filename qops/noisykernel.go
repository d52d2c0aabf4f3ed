package qops

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// noisySizes are the angles of query and key, and the amplitudes of a patch.
type noisySizes struct{ query, key, amplitudes int }

func noisyScores[T op.Float](name string, k scoreShape, sizes noisySizes, devices pairDevices) op.NodeFunc {
	return func(operands ...*G.Node) (*G.Node, error) {
		s, err := newNoisyKernel[T](k, sizes, devices)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: "+name)
		}
		n, err := op.Apply(op.Kernel[T]{Name: name, Shape: k.shape(), Forward: s.forward,
			Backward: s.backward, ONNX: exactOnly}, operands...)
		if err != nil {
			return nil, err
		}
		return n, s.draws.offer(n)
	}
}

// noisyKernel is the kernel of NoisyScores and DeviceScores. The operands are x, the angles and perhaps
// Scale.
type noisyKernel[T op.Float] struct {
	scoreShape
	noisySizes
	pairDevices
	scales  []*pairOverlap[T]
	draws   *draws[T] // nil: exact values
	sampled *pairShots[T]

	f []T // (scales, H, B, T, T): the overlaps of the last run

	// Of the head at work.
	angles, dfirst, dsecond []T       // (B, T, dim−1): of the preparation, and the gradients
	df                      []T       // (scales, B, T, T)
	shares, dshares         []float64 // (B, T): n_i
	scale, norms            []float64 // (B): largest number of the head's part of an image; ‖x/scale‖²
	values, slopes          []float64 // of a pair, by scale

	state, turns, dstate []float64 // of a patch
}

func newNoisyKernel[T op.Float](k scoreShape, sizes noisySizes, devices pairDevices) (*noisyKernel[T],
	error) {
	rows, turns, n := k.images*k.tokens, sizes.amplitudes-1, len(devices.circuits)
	s := &noisyKernel[T]{scoreShape: k, noisySizes: sizes, pairDevices: devices,
		f: make([]T, n*k.heads*rows*k.tokens), df: make([]T, n*rows*k.tokens),
		angles: make([]T, rows*turns), dfirst: make([]T, rows*turns), dsecond: make([]T, rows*turns),
		shares: make([]float64, rows), dshares: make([]float64, rows),
		scale: make([]float64, k.images), norms: make([]float64, k.images),
		values: make([]float64, n), slopes: make([]float64, n),
		state: make([]float64, sizes.amplitudes), turns: make([]float64, turns),
		dstate: make([]float64, sizes.amplitudes)}
	for _, c := range devices.circuits {
		overlap, err := newPairOverlap[T](k, c, devices.last, sizes)
		if err != nil {
			return nil, err
		}
		s.scales = append(s.scales, overlap)
	}
	if s.draws = newDraws[T](k.shots, k.images, k.shape().TotalSize()); s.draws != nil {
		s.sampled = newPairShots[T](k, devices)
	}
	return s, nil
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
		s.state[i] = float64(v) / s.scale[row/s.tokens]
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
	s.scale[image] = largest
	return nil
}

// overlaps returns those of head h at a scale of the noise.
func (s *noisyKernel[T]) overlaps(scale, h int) []T {
	n := s.images * s.tokens * s.tokens
	at := (scale*s.heads + h) * n
	return s.f[at : at+n]
}

// overlap returns that of a pair for head h, without what the noise of the scales tells of it, and sets
// slopes.
func (s *noisyKernel[T]) overlap(h, pair int) float64 {
	for k := range s.values {
		s.values[k] = float64(s.overlaps(k, h)[pair])
	}
	return s.extrapolate(s.values, math.Ldexp(1, -len(s.last)), s.slopes)
}

// inputs sets shares and angles of head h, and returns what its circuits run on.
func (s *noisyKernel[T]) inputs(in [][]T, h int) (first, second statevec.Inputs[T], err error) {
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

// eachPair calls f for every pair of patches of an image, with its place among the pairs of a head and
// n_i·n_j.
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
		if err := s.run(in, h); err != nil {
			return err
		}
		_, _, _, scale := s.split(in, h)
		factor := s.factor(scale, h)
		for i := range s.images {
			from := (i*s.heads + h) * size
			to := out[from : from+size]
			s.eachPair(i, func(at, _, _ int, share float64) {
				to[at-i*size] = T(factor * share * s.overlap(h,
					at))
			})
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

// run sets the overlaps of head h, and the probabilities of all results if shots need them.
func (s *noisyKernel[T]) run(in [][]T, h int) error {
	first, second, err := s.inputs(in, h)
	if err != nil {
		return err
	}
	for k, o := range s.scales {
		f := s.overlaps(k, h)
		if s.sampled == nil || s.misread == nil {
			if err := o.Apply(first, second, f); err != nil {
				return err
			}
			continue
		}
		joint := s.sampled.jointOf(k)
		if err := o.Distribution(first, second, joint); err != nil {
			return err
		}
		for i := range f {
			f[i] = joint[i*s.sampled.outcomes]
		}
	}
	return nil
}

func (s *noisyKernel[T]) backward(din, in [][]T, _, dout []T) error {
	size := s.tokens * s.tokens
	for h := range s.heads {
		first, second, err := s.inputs(in, h)
		if err != nil {
			return err
		}
		_, _, _, scale := s.split(in, h)
		dx, dquery, dkey, dscale := s.split(din, h)
		factor, sum := s.factor(scale, h), 0.0
		clear(s.dshares)
		for i := range s.images {
			from := (i*s.heads + h) * size
			s.eachPair(i, func(at, row, column int, share float64) {
				g, f := float64(dout[from+at-i*size]), s.overlap(h, at)
				sum += g * share * f
				for k, slope := range s.slopes {
					s.df[k*s.images*size+at] = T(slope * (g * factor * share))
				}
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
		if err := s.adjoint(first, second, statevec.Gradients[T]{Theta: dquery, Data: s.dfirst},
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

// adjoint sets the gradients by the inputs, summed over the scales.
func (s *noisyKernel[T]) adjoint(first, second statevec.Inputs[T], toFirst,
	toSecond statevec.Gradients[T]) error {
	n := s.images * s.tokens * s.tokens
	if len(s.scales) == 1 {
		return s.scales[0].Adjoint(first, second, s.df, toFirst, toSecond)
	}
	a, b := newGradientSum(toFirst, first), newGradientSum(toSecond, second)
	for k, o := range s.scales {
		if err := o.Adjoint(first, second, s.df[k*n:(k+1)*n], a.part(), b.part()); err != nil {
			return err
		}
		a.add()
		b.add()
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
				to[j] = T(g / s.scale[i])
			}
		}
	}
	return nil
}
