package statevec

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/circuit"
)

// NoisyOverlap is the overlaps of pairs of states as a noisy device measures them: a circuit makes the first
// state, the inverse of another, with the noise of its gates, takes the second back to |0…0⟩, and how often
// all qubits are read as 0 is the overlap. Without noise it is |⟨a_i|b_j⟩|². Items are pairs within an image
// only.
//
// It is exact, and takes one run for each state in place of one for each pair: the density matrices of the
// first circuit, and what |0…0⟩⟨0…0| is carried back to through the second. It owns its memory: one a
// goroutine.
type NoisyOverlap[T Float] struct {
	images, tokens int
	first, second  *densityRunner[T]
	start          []T // Pauli coefficients of |0…0⟩, and of the outcome of all 0 with the errors of readout
	outcome        []T
	read           []int
	chunk          int // images that are run at once
	r, m, dr, dm   []T // chunk·tokens × 4^n

	sumFirst, sumSecond []float64 // of the gradients by theta
}

// NewNoisyOverlap prepares the overlaps of all pairs of tokens in an image, for a number of images. Only some
// qubits are read, all of them without any; the errors of readout are those of the first circuit. It returns
// the errors of CompileDensity, and one for circuits of different sizes and a qubit out of range.
func NewNoisyOverlap[T Float](images, tokens int, first, second *circuit.Noisy, read []int,
	threads int) (*NoisyOverlap[T], error) {
	if images < 1 || tokens < 1 {
		return nil, errors.Errorf("statevec: NoisyOverlap: want images and tokens, got %d and %d", images, tokens)
	}
	if first.Qubits() != second.Qubits() {
		return nil, errors.Errorf("statevec: NoisyOverlap: want circuits on as many qubits, got %d and %d",
			first.Qubits(), second.Qubits())
	}
	if err := checkQubits(first.Qubits(), read); err != nil {
		return nil, err
	}
	if images > maxOverlapNumbers || tokens > maxOverlapNumbers ||
		math.Ldexp(float64(tokens), 2*first.Qubits()) > maxOverlapNumbers ||
		float64(images)*float64(tokens)*float64(tokens) > maxOverlapNumbers {
		return nil, errors.Errorf("statevec: NoisyOverlap: %d images of %d tokens on %d qubits: want fewer "+
			"tokens or qubits, at most 2^28 numbers of an image", images, tokens, first.Qubits())
	}
	a, err := CompileDensity[T](first)
	if err != nil {
		return nil, err
	}
	b, err := compileDensity[T](second, carriedBack(second.Steps()), transposedTransfer)
	if err != nil {
		return nil, err
	}
	n := first.Qubits()
	readout := first.Readout()
	if readout == nil {
		readout = make([]circuit.Confusion, n)
	}
	o := &NoisyOverlap[T]{images: images, tokens: tokens, first: newDensityRunner(a, tokens, threads),
		second: newDensityRunner(b, tokens, threads), start: make([]T, a.Width()), outcome: make([]T, a.Width())}
	o.read = slices.Clone(read)
	if len(read) == 0 {
		for q := range n {
			o.read = append(o.read, q)
		}
	}
	o.chunk = min(images, max(1, min(o.first.chunk(), o.second.chunk())/tokens))
	size := o.chunk * tokens * a.Width()
	o.r, o.m = make([]T, size), make([]T, size)
	space := newPauliSpace(n)
	for z := range space.dim {
		at, v := space.index(0, z), 1.0
		for q, c := range readout {
			switch on := z>>(n-1-q)&1 == 1; {
			case len(read) > 0 && !slices.Contains(read, q): // any outcome will do
				v *= 2
				if on {
					v = 0
				}
			case on:
				v *= 1 - c.P10 - c.P01
			default:
				v *= 1 - c.P10 + c.P01
			}
		}
		o.start[at], o.outcome[at] = 1, T(v)
	}
	return o, nil
}

// maxOverlapNumbers bounds the coefficients of the tokens of an image, which are run together.
const maxOverlapNumbers = 1 << 28

// carriedBack returns the steps that carry an effect back through the inverse of a noisy circuit: its gates
// in their order, each behind its own channels, the last of these first.
func carriedBack(steps []circuit.NoisyStep) []circuit.NoisyStep {
	var out []circuit.NoisyStep
	for i := 0; i < len(steps); {
		next := i + 1
		for next < len(steps) && steps[next].Channel.Qubits() > 0 {
			next++
		}
		group := slices.Clone(steps[i:next])
		slices.Reverse(group)
		out, i = append(out, group...), next
	}
	return out
}

func transposedTransfer(c circuit.Channel) []float64 {
	t := c.Transfer()
	d := letters(t)
	out := make([]float64, len(t))
	for i := range d {
		for j := range d {
			out[j*d+i] = t[i*d+j]
		}
	}
	return out
}

// check returns an error unless the inputs fit a runner.
func (o *NoisyOverlap[T]) check(in Inputs[T], r *densityRunner[T]) error {
	d := r.plan
	switch {
	case in.Rows != o.images*o.tokens:
		return errors.Errorf("statevec: NoisyOverlap: want %d rows, got %d", o.images*o.tokens, in.Rows)
	case in.Start != nil:
		return errors.New("statevec: NoisyOverlap: want rows that start from |0…0⟩, got a Start")
	}
	return cmp.Or(checkLength("theta", len(in.Theta), d.numTheta),
		checkLength("data", len(in.Data), in.Rows*d.numData),
		checkFinite("theta", in.Theta), checkFinite("data", in.Data))
}

// Apply sets out, images × tokens × tokens, to the overlaps of each first state with each second one of its
// image. It returns an error if a length is wrong.
func (o *NoisyOverlap[T]) Apply(first, second Inputs[T], out []T) error {
	if o == nil || o.first == nil {
		return errors.New("statevec: want a NoisyOverlap from NewNoisyOverlap")
	}
	if err := cmp.Or(o.check(first, o.first), o.check(second, o.second),
		checkLength("out", len(out), o.images*o.tokens*o.tokens)); err != nil {
		return err
	}
	w, t := len(o.start), o.tokens
	for from := 0; from < o.images; from += o.chunk {
		to := min(from+o.chunk, o.images)
		if err := o.run(first, second, from, to); err != nil {
			return err
		}
		dense.GemmBatch(to-from, false, true, t, t, w, o.scale(), o.r, w, t*w, o.m, w, t*w, 0,
			out[from*t*t:], t, t*t)
	}
	return nil
}

func (o *NoisyOverlap[T]) scale() T { return 1 / T(int(1)<<o.first.plan.qubits) }

// run sets the coefficients of the states and the effects of some images.
func (o *NoisyOverlap[T]) run(first, second Inputs[T], from, to int) error {
	return cmp.Or(o.runOne(o.first, first, from, to, o.start, o.r),
		o.runOne(o.second, second, from, to, o.outcome, o.m))
}

func (o *NoisyOverlap[T]) runOne(d *densityRunner[T], in Inputs[T], from, to int, start, x []T) error {
	rows, k := (to-from)*o.tokens, d.plan.numData
	for i := range rows {
		copy(rowOf(x, i, len(start)), start)
	}
	return d.run(rows, in.Theta, in.Data[from*o.tokens*k:to*o.tokens*k], x[:rows*len(start)])
}

// Distribution sets out, images × tokens × tokens × 2^k, to the probabilities of all outcomes of the k qubits
// that are read, of circuits without errors of readout: the first qubit is the most significant bit. It runs
// the second circuit for each outcome. It returns an error for readout errors, and if a length is wrong.
func (o *NoisyOverlap[T]) Distribution(first, second Inputs[T], out []T) error {
	if o == nil || o.first == nil {
		return errors.New("statevec: want a NoisyOverlap from NewNoisyOverlap")
	}
	outcomes := 1 << len(o.read)
	if err := cmp.Or(o.check(first, o.first), o.check(second, o.second),
		checkLength("out", len(out), o.images*o.tokens*o.tokens*outcomes)); err != nil {
		return err
	}
	if len(o.first.plan.readout.parts) > 0 {
		return errors.New("statevec: NoisyOverlap: want circuits without errors of readout for a " +
			"Distribution")
	}
	w, t, n := len(o.start), o.tokens, o.first.plan.qubits
	zero := slices.Clone(o.outcome)
	defer func() { copy(o.outcome, zero) }()
	one, space := make([]T, o.chunk*t*t), newPauliSpace(n)
	for from := 0; from < o.images; from += o.chunk {
		to := min(from+o.chunk, o.images)
		for x := range outcomes {
			flipped := maskOf(x, o.read, n)
			for z := range space.dim {
				at := space.index(0, z)
				o.outcome[at] = zero[at]
				if bits.OnesCount(uint(z&flipped))%2 == 1 {
					o.outcome[at] = -zero[at]
				}
			}
			var err error
			if x == 0 {
				err = o.run(first, second, from, to)
			} else {
				err = o.runOne(o.second, second, from, to, o.outcome, o.m)
			}
			if err != nil {
				return err
			}
			dense.GemmBatch(to-from, false, true, t, t, w, o.scale(), o.r, w, t*w, o.m, w, t*w, 0, one, t, t*t)
			for i, v := range one[:(to-from)*t*t] {
				out[(from*t*t+i)*outcomes+x] = v
			}
		}
	}
	return nil
}

// Adjoint sets the gradients by the inputs of the two circuits, from dout = ∂L/∂out. It runs them once more.
// It returns an error if a length is wrong.
func (o *NoisyOverlap[T]) Adjoint(first, second Inputs[T], dout []T, toFirst, toSecond Gradients[T]) error {
	if o == nil || o.first == nil {
		return errors.New("statevec: want a NoisyOverlap from NewNoisyOverlap")
	}
	a, b := o.first.plan, o.second.plan
	if err := cmp.Or(o.check(first, o.first), o.check(second, o.second),
		checkLength("dout", len(dout), o.images*o.tokens*o.tokens),
		toFirst.checkAgainst(a.qubits, a.numTheta, a.numData, first.Rows),
		toSecond.checkAgainst(b.qubits, b.numTheta, b.numData, second.Rows)); err != nil {
		return err
	}
	w, t := len(o.start), o.tokens
	o.dr, o.dm = resized(o.dr, len(o.r)), resized(o.dm, len(o.m))
	o.first.keep, o.second.keep = true, true
	defer func() { o.first.keep, o.second.keep = false, false }()
	o.sumFirst, o.sumSecond = zeros(o.sumFirst, a.numTheta), zeros(o.sumSecond, b.numTheta)
	for from := 0; from < o.images; from += o.chunk {
		to := min(from+o.chunk, o.images)
		if err := o.run(first, second, from, to); err != nil {
			return err
		}
		d := dout[from*t*t:]
		dense.GemmBatch(to-from, false, false, t, w, t, o.scale(), d, t, t*t, o.m, w, t*w, 0, o.dr, w, t*w)
		dense.GemmBatch(to-from, true, false, t, w, t, o.scale(), d, t, t*t, o.r, w, t*w, 0, o.dm, w, t*w)
		if err := cmp.Or(o.back(o.first, first, from, to, o.dr, o.sumFirst, toFirst.Data),
			o.back(o.second, second, from, to, o.dm, o.sumSecond, toSecond.Data)); err != nil {
			return err
		}
	}
	for i := range toFirst.Theta {
		toFirst.Theta[i] = T(o.sumFirst[i])
	}
	for i := range toSecond.Theta {
		toSecond.Theta[i] = T(o.sumSecond[i])
	}
	return nil
}

func (o *NoisyOverlap[T]) back(d *densityRunner[T], in Inputs[T], from, to int, lam []T, dtheta []float64,
	ddata []T) error {
	rows, k := (to-from)*o.tokens, d.plan.numData
	first, last := from*o.tokens*k, to*o.tokens*k
	if ddata != nil {
		ddata = ddata[first:last]
	}
	return d.back(rows, in.Theta, in.Data[first:last], lam[:rows*d.plan.Width()], dtheta, ddata)
}
