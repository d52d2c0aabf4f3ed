package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Unitary returns W = U_q(θ_q)†·U_k(θ_k) for each of H heads: all that quantum attention needs of its two circuits, because ⟨U_q x|U_k y⟩ = x†W y.
//
//	thetaQ  (H, q.NumTheta)   radians; nil if q has no trainable angle
//	thetaK  (H, k.NumTheta)   radians; nil if k has none
//	out     (H, d, d)         d = 2^n, orthogonal, if all gates of both circuits are real
//	        (H, d, d, 2)      unitary, real and imaginary part last, otherwise
//
// The circuits act on the same number of qubits and take no data. Differentiable once in thetaQ and thetaK, by one sweep over the gates on d
// columns, whatever the batch that W is used for. It returns the circuits' own errors, one if a circuit takes data or the sizes differ,
// and one if neither circuit has a trainable angle; the run returns one that names an angle that is NaN or infinite.
//
// Source: docs/math.md, sections 2 and 5.
func Unitary(q, k *circuit.Circuit, thetaQ, thetaK *G.Node) (*G.Node, error) {
	joint, err := joined(q, k)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: Unitary")
	}
	operands := present(thetaQ, thetaK)
	if len(operands) == 0 || operands[0].Dims() != 2 {
		return nil, errors.Errorf("qops: Unitary: want theta (H, angles) of at least one circuit, got %v", operands)
	}
	heads := tensor.Shape{operands[0].Shape()[0]}
	if err := angles("thetaQ", thetaQ, q.NumTheta(), heads); err != nil {
		return nil, errors.WithMessage(err, "qops: Unitary")
	}
	if err := angles("thetaK", thetaK, k.NumTheta(), heads); err != nil {
		return nil, errors.WithMessage(err, "qops: Unitary")
	}
	return op.ByDtype(operands[0], unitary[float32](joint, heads[0]), unitary[float64](joint, heads[0]), operands[1:]...)
}

// joined returns W† = U_k†U_q, with the angles of k behind those of q. What it makes of the basis vectors are the rows of W, conjugated.
func joined(q, k *circuit.Circuit) (*circuit.Circuit, error) {
	if q == nil || k == nil {
		return nil, errors.New("a circuit is nil")
	}
	if q.Qubits() != k.Qubits() {
		return nil, errors.Errorf("the circuits have %d and %d qubits, want the same", q.Qubits(), k.Qubits())
	}
	if q.NumData()+k.NumData() > 0 {
		return nil, errors.Errorf("want circuits without data, got %d and %d inputs", q.NumData(), k.NumData())
	}
	joint := q.Then(k.Shifted(q.NumTheta(), 0).Adjoint())
	if joint.Qubits() > maxUnitary {
		return nil, errors.Errorf("want at most %d qubits, got %d: W would take %.3g GiB", maxUnitary, joint.Qubits(), float64(uint64(16)<<(2*joint.Qubits()))/(1<<30))
	}
	return joint, joint.Err()
}

// maxUnitary bounds W at 4096×4096.
const maxUnitary = 12

func unitary[T op.Float](joint *circuit.Circuit, heads int) func(theta ...*G.Node) (*G.Node, error) {
	return func(theta ...*G.Node) (*G.Node, error) {
		shape := tensor.Shape{heads, 1 << joint.Qubits(), 1 << joint.Qubits()}
		compile := statevec.CompileReal[T]
		if !joint.Real() {
			shape, compile = append(shape, 2), statevec.Compile[T]
		}
		plan, err := compile(joint)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: Unitary")
		}
		var widths []int
		for _, n := range theta {
			widths = append(widths, n.Shape()[1])
		}
		u := newColumns(plan, joint.Real(), widths)
		return op.Apply(op.Kernel[T]{Name: "Unitary", Shape: shape, Forward: u.forward, Backward: u.backward}, theta...)
	}
}

// columns runs a circuit on all basis states, for one head after the other.
type columns[T op.Float] struct {
	exec          *statevec.Exec[T]
	real          bool
	dim, size     int   // states, and the numbers of all of them
	widths        []int // of a head's angles in each operand
	basis         []T
	theta, dtheta []T // of one head: that of q, then that of k
	psi, dpsi     []T // complex only: the conjugates of W and of its gradient
}

func newColumns[T op.Float](plan *statevec.Plan[T], real bool, widths []int) *columns[T] {
	dim := 1 << plan.Qubits()
	u := &columns[T]{exec: plan.NewExec(1), real: real, dim: dim, size: dim * plan.Width(), widths: widths}
	u.theta, u.dtheta = make([]T, plan.NumTheta()), make([]T, plan.NumTheta())
	u.basis = make([]T, u.size)
	step := u.size / u.dim
	for i := range u.dim {
		u.basis[i*step+i*step/u.dim] = 1
	}
	if !u.real {
		u.psi, u.dpsi = make([]T, u.size), make([]T, u.size)
	}
	return u
}

// eachOperand calls f with the angles of head h in every operand that is not nil, and their place in theta and dtheta.
func (u *columns[T]) eachOperand(operands [][]T, h int, f func(angles []T, from, to int)) {
	from := 0
	for i, n := range u.widths {
		if operands[i] != nil {
			f(operands[i][h*n:(h+1)*n], from, from+n)
		}
		from += n
	}
}

func (u *columns[T]) gather(in [][]T, h int) {
	u.eachOperand(in, h, func(angles []T, from, to int) { copy(u.theta[from:to], angles) })
}

func (u *columns[T]) forward(out []T, in [][]T) error {
	for h := 0; h*u.size < len(out); h++ {
		u.gather(in, h)
		if err := finite("theta", len(u.theta), u.theta); err != nil {
			return errors.WithMessagef(err, "head %d", h)
		}
		w := out[h*u.size : (h+1)*u.size]
		if err := u.exec.Apply(u.dim, u.theta, nil, u.basis, w); err != nil {
			return err
		}
		if !u.real {
			conjugate(w, w)
		}
	}
	return nil
}

func (u *columns[T]) backward(din, in [][]T, out, dout []T) error {
	for h := 0; h*u.size < len(out); h++ {
		u.gather(in, h)
		w, dw := out[h*u.size:(h+1)*u.size], dout[h*u.size:(h+1)*u.size]
		if !u.real {
			conjugate(u.psi, w)
			conjugate(u.dpsi, dw)
			w, dw = u.psi, u.dpsi
		}
		if err := u.exec.Adjoint(u.dim, u.theta, nil, w, dw, nil, u.dtheta, nil); err != nil {
			return err
		}
		u.eachOperand(din, h, func(angles []T, from, to int) { copy(angles, u.dtheta[from:to]) })
	}
	return nil
}

// conjugate writes the conjugate of interleaved complex numbers; dst may be src.
func conjugate[T op.Float](dst, src []T) {
	for i := 0; i < len(src); i += 2 {
		dst[i], dst[i+1] = src[i], -src[i+1]
	}
}
