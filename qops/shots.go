package qops

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Shots says that a node gives estimates from runs of its circuit, as a device does, in place of exact
// values. The zero value is exact.
//
// The gradient of a node with shots is the exact one, but by ParameterShift, which takes it from shots too.
type Shots struct {
	Count int // runs of each row

	// Seeds sets the seeds of the coming run, one a row: of all axes but the last of the result, or of the
	// images of Scores. What is drawn for a row follows from its seed alone. See qlayer, which takes them
	// from the Scope.
	Seeds func(seeds []uint64) error

	// Stderr, unless it is nil, is given the node of the standard errors, of the shape of the result.
	Stderr func(n *G.Node)
}

func (s Shots) exact() bool { return s.Count == 0 }

func (s Shots) check() error {
	switch {
	case s.Count < 0:
		return errors.Errorf("want 0 shots, for exact values, or more, got %d", s.Count)
	case s.Count > statevec.MaxShots:
		return errors.Errorf("want at most 2^50 shots, got %d", s.Count)
	case s.Count > 0 && s.Seeds == nil:
		return errors.New("want Seeds for Shots, got nil")
	}
	return nil
}

// draws is the shots of a node of a number of rows.
type draws[T op.Float] struct {
	Shots
	seeds  []uint64
	stderr []T // nil: not wanted
}

// newDraws returns the shots of a node, with that many rows and numbers. It is nil for exact values.
func newDraws[T op.Float](s Shots, rows, numbers int) *draws[T] {
	if s.exact() {
		return nil
	}
	d := &draws[T]{Shots: s, seeds: make([]uint64, rows)}
	if s.Stderr != nil {
		d.stderr = make([]T, numbers)
	}
	return d
}

// next sets the seeds of a run.
func (d *draws[T]) next() (err error) {
	defer foreign.Recover(&err, "function Seeds of the Shots", d.Seeds)
	return errors.WithMessage(d.Seeds(d.seeds), "Shots: Seeds")
}

func (d *draws[T]) shots() statevec.Shots {
	return statevec.Shots{Count: d.Count, Seeds: d.seeds}
}

// sample sets out to estimates of what m reads of states.
func (d *draws[T]) sample(m statevec.Measurement[T], rows int, psi, out []T) error {
	s, ok := m.(statevec.Sampler[T])
	if !ok {
		return errors.Errorf("%T cannot be estimated from shots: want one with the method Sample, see "+
			"statevec.Sampler", m)
	}
	if err := d.next(); err != nil {
		return err
	}
	return s.Sample(rows, psi, d.shots(), out, d.stderr)
}

// offer gives Stderr the node of the standard errors of n.
func (d *draws[T]) offer(n *G.Node) (err error) {
	if d == nil || d.stderr == nil {
		return nil
	}
	e, err := op.Apply(op.Kernel[T]{
		Name:     "StandardError",
		Shape:    n.Shape().Clone(),
		Constant: []int{0}, // an operand so that it comes first
		Reason:   "standard errors are there to be read",
		Forward: func(out []T, _ [][]T) error {
			copy(out, d.stderr)
			return nil
		},
	}, n)
	if err != nil {
		return err
	}
	defer foreign.Recover(&err, "function Stderr of the Shots", d.Stderr)
	d.Stderr(e)
	return nil
}

// fidelityDrift is how far rounding may bring a fidelity outside [0,1], after thousands of gates in float32.
const fidelityDrift = 1e-3

// standardErrorOf returns that of a mean of shots of that variance, times a factor.
func standardErrorOf[T op.Float](factor, variance float64, shots int) T {
	return T(math.Abs(factor) * math.Sqrt(max(0, variance)/float64(max(1, shots-1))))
}

// EstimateFidelities returns estimates of fidelities, as Fidelity and Overlap give them, each from that many
// shots of a SWAP test: the ancilla is 0 with ½(1+f), and 2p̂−1 is unbiased, with a variance of (1−f²)/shots.
// It is not clamped: an estimate of a small fidelity may be negative. The rows are those of all axes but the
// last.
//
//	f    (…, K)  in [0,1]
//	out  (…, K)
//
// The gradient passes as it is: that of the exact values. With no shots it returns f. It returns an error for
// a negative number of shots; the run returns one for an f that is not in [0,1].
func EstimateFidelities(f *G.Node, s Shots) (*G.Node, error) {
	return estimate("EstimateFidelities", "fidelities in [0,1]", 0, 2, f, s)
}

// EstimateProbabilities is EstimateFidelities for probabilities of an outcome, each from that many runs of
// its circuit: p̂ is the share of the runs that gave it, with a variance of p(1−p)/shots.
func EstimateProbabilities(p *G.Node, s Shots) (*G.Node, error) {
	return estimate("EstimateProbabilities", "probabilities in [0,1]", 0, 1, p, s)
}

// EstimateSigned is EstimateFidelities for numbers in [−1,1], such as the real part of an inner product,
// which a Hadamard test measures: the ancilla is 0 with ½(1+f).
func EstimateSigned(f *G.Node, s Shots) (*G.Node, error) {
	return estimate("EstimateSigned", "numbers in [−1,1]", -1, 2, f, s)
}

// estimate returns estimates of numbers from least to 1, which are 1 with the outcome 0 of a test and 1−span
// with the other.
func estimate(name, want string, least, span float64, f *G.Node, s Shots) (*G.Node, error) {
	if f == nil || f.Dims() == 0 {
		return nil, errors.Errorf("qops: %s: want numbers (…, K), got %v", name, shapeOf(f))
	}
	if err := s.check(); err != nil || s.exact() {
		return f, errors.WithMessage(err, "qops: "+name)
	}
	return op.ByDtype(f, estimates[float32](name, want, least, span, s),
		estimates[float64](name, want, least, span, s))
}

func estimates[T op.Float](name, want string, least, span float64, s Shots) op.NodeFunc {
	return func(operands ...*G.Node) (*G.Node, error) {
		shape := operands[0].Shape()
		size := shape.TotalSize()
		width := shape[shape.Dims()-1]
		d := newDraws[T](s, size/width, size)
		n, err := op.Apply(op.Kernel[T]{
			Name:        name,
			Shape:       shape.Clone(),
			PassThrough: []int{0},
			ONNX:        exactOnly,
			Forward: func(out []T, in [][]T) error {
				if err := d.next(); err != nil {
					return err
				}
				for r, seed := range d.seeds {
					random := splitmix.Source(splitmix.Mix(seed))
					for i := r * width; i < (r+1)*width; i++ {
						f := float64(in[0][i])
						if !(f >= least-fidelityDrift && f <= 1+fidelityDrift) {
							return errors.Errorf("want %s, got %v", want, f)
						}
						p := (f - (1 - span)) / span // of the outcome 0
						p = float64(random.Binomial(d.Count, p)) / float64(d.Count)
						out[i] = T(span*p + (1 - span))
						if d.stderr != nil {
							d.stderr[i] = standardErrorOf[T](span, p*(1-p), d.Count)
						}
					}
				}
				return nil
			},
		}, operands...)
		if err != nil {
			return nil, err
		}
		return n, d.offer(n)
	}
}
