package optimizers

import (
	"math"
	"path"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// Muon moves matrices by their momentum with all singular values brought near 1, and everything else by
// AdamW. A convolution's filters are a matrix of as many rows. Its update has the size of AdamW's, so that
// learning rate and decay are those of AdamW, for both.
//
// Matrices are the parameters with two axes or more that decay, but for those of Except. DefaultMuon has the
// usual values.
//
// Source: Jordan et al., kellerjordan.github.io/posts/muon; Liu et al., arXiv:2502.16982; torch.optim.Muon
// with adjust_lr_fn match_rms_adamw.
type Muon struct {
	Momentum float64 `yaml:"momentum"` // of matrices, in [0,1)
	Nesterov bool    `yaml:"nesterov"` // look ahead by one momentum
	Steps    int     `yaml:"steps"`    // Newton–Schulz iterations, 1 to 20
	// Except is patterns over names of matrices for AdamW, with * for any letters, separated by +.
	Except string  `yaml:"except"`
	Beta1  float64 `yaml:"beta1"` // this and the following: of AdamW
	Beta2  float64 `yaml:"beta2"`
	Eps    float64 `yaml:"eps"`
	Decay  float64 `yaml:"decay"` // weight decay, of matrices too
}

// DefaultMuon returns momentum 0.95 with Nesterov, 5 iterations, PyTorch's AdamW with a decay of 0.01, and as
// exceptions the first and the last layer of the models of package vit.
func DefaultMuon() Muon {
	a := DefaultAdamW()
	return Muon{Momentum: 0.95, Nesterov: true, Steps: 5, Beta1: a.Beta1, Beta2: a.Beta2, Eps: a.Eps,
		Decay: a.Decay, Except: "head.*+embed.*+pool.*+*.beside.*+stem.0.weight+stem.0.in.weight"}
}

// Check returns an error if a field is out of its range.
func (c Muon) Check() error {
	switch {
	case !(c.Momentum >= 0 && c.Momentum < 1):
		return errors.Errorf("Muon: Momentum %v, want [0,1)", c.Momentum)
	case c.Steps < 1 || c.Steps > 20:
		return errors.Errorf("Muon: Steps %d, want 1 to 20", c.Steps)
	}
	for _, pattern := range c.exceptions() {
		if _, err := path.Match(pattern, ""); err != nil {
			return errors.Errorf("Muon: Except: pattern %q, want a name, with * for any letters", pattern)
		}
	}
	return errors.WithMessage(c.adamW().Check(), "Muon")
}

func (c Muon) exceptions() []string { return strings.Split(c.Except, "+") }

func (c Muon) adamW() AdamW { return AdamW{c.Beta1, c.Beta2, c.Eps, c.Decay} }

// New returns the optimizer with that learning rate. It returns an error if a number is out of its range.
func (c Muon) New(lr float64) (Optimizer, error) {
	if err := c.Check(); err != nil {
		return nil, errors.WithMessage(err, "optimizers")
	}
	wide, narrow := newOrthogonalizer[float64](c), newOrthogonalizer[float32](c)
	return Rule{
		Name:    "Muon",
		Moments: []string{"exp_avg", "exp_avg_sq"}, // of a matrix the second stays 0
		F32:     narrow.step,
		F64:     wide.step,
	}.New(lr)
}

// orthogonalizer does the steps of Muon, with memory for one matrix.
type orthogonalizer[T op.Float] struct {
	Muon
	except                     []string
	update, next, gram, square []T
}

func newOrthogonalizer[T op.Float](c Muon) *orthogonalizer[T] {
	return &orthogonalizer[T]{Muon: c, except: c.exceptions()}
}

// isMatrix reports whether a parameter is one that Muon moves.
func (o *orthogonalizer[T]) isMatrix(s Step[T]) bool {
	return s.Shape.Dims() > 1 && !s.NoDecay && !slices.ContainsFunc(o.except, func(pattern string) bool {
		ok, _ := path.Match(pattern, s.Name) // Check has seen it
		return ok
	})
}

func (o *orthogonalizer[T]) step(s Step[T]) {
	if !o.isMatrix(s) {
		adamW(o.adamW(), s)
		return
	}
	beta := o.Momentum
	if s.Momentum > 0 {
		beta = s.Momentum
	}
	mean := s.Moments[0]
	o.update = grown(o.update, len(mean))
	dense.Scale(T(beta), mean)
	dense.Axpy(T(1-beta), s.Grad, mean)
	copy(o.update, mean)
	if o.Nesterov {
		dense.Scale(T(beta), o.update)
		dense.Axpy(T(1-beta), s.Grad, o.update)
	}
	rows, cols := matrixOf(s.Shape)
	o.orthogonalize(rows, cols)
	dense.Scale(T(1-s.LR*o.Decay), s.Value)
	dense.Axpy(T(-s.LR*0.2*math.Sqrt(float64(max(rows, cols)))), o.update, s.Value)
}

// matrixOf returns the sides of a parameter as a matrix: its first axis, and the others.
func matrixOf(shape tensor.Shape) (rows, cols int) { return shape[0], shape[1:].TotalSize() }

// The coefficients of the iteration X ← aX + (bA + cA²)X, A = XXᵀ, which brings singular values in (0,1] to
// about 0.7 to 1.2 in five steps.
const newtonA, newtonB, newtonC = 3.4445, -4.7750, 2.0315

// orthogonalize brings the singular values of the update near 1.
func (o *orthogonalizer[T]) orthogonalize(rows, cols int) {
	x := o.update
	dense.Scale(T(1/(math.Sqrt(dense.SumSquares(x))+1e-7)), x)
	small := min(rows, cols)
	o.next = grown(o.next, len(x))
	o.gram, o.square = grown(o.gram, small*small), grown(o.square, small*small)
	for range o.Steps {
		// with A of the smaller side, whichever that is: (XXᵀ)X = X(XᵀX)
		tall := rows > cols
		dense.Gemm(tall, !tall, small, small, max(rows, cols), 1, x, cols, x, cols, 0, o.gram, small)
		dense.Gemm(false, false, small, small, small, newtonC, o.gram, small, o.gram, small, 0, o.square, small)
		dense.Axpy(newtonB, o.gram, o.square)
		if tall {
			dense.Gemm(false, false, rows, cols, cols, 1, x, cols, o.square, cols, 0, o.next, cols)
		} else {
			dense.Gemm(false, false, rows, cols, rows, 1, o.square, rows, x, cols, 0, o.next, cols)
		}
		dense.Axpy(newtonA, x, o.next)
		x, o.next = o.next, x
	}
	o.update = x
}

// grown returns memory of n elements, that of before if it is enough.
func grown[T op.Float](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}
