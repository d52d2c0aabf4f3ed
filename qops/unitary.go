package qops

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Unitary returns W = U_q(θ_q)†·U_k(θ_k) for each of H heads: all that quantum attention needs of its two
// circuits, because ⟨U_q x|U_k y⟩ = x†W y.
//
//	thetaQ  (H, q.NumTheta)  radians; nil if q has no trainable angle
//	thetaK  (H, k.NumTheta)  radians; nil if k has none
//	out     (H, d, d)        d = 2^n, orthogonal, if all gates of both circuits are real
//	        (H, d, d, 2)     unitary, real and imaginary part last, otherwise
//
// The circuits act on the same number of qubits and take no data. Differentiable once in thetaQ and thetaK,
// by one sweep over the gates on d columns, whatever the batch that W is used for. It returns the circuits'
// own errors, one if a circuit takes data or the sizes differ, and one if neither circuit has a trainable
// angle; the run returns one that names an angle that is NaN or infinite.
//
// Source: docs/math.md, sections 2 and 5.
func Unitary(q, k *circuit.Circuit, thetaQ, thetaK *G.Node) (*G.Node, error) {
	joint, heads, err := unitaryOperands(q, k, thetaQ, thetaK)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: Unitary")
	}
	theta := dropNil(thetaQ, thetaK)
	return op.ByDtype(theta[0], unitary[float32](joint, heads), unitary[float64](joint, heads), theta[1:]...)
}

// unitaryOperands checks the operands of Unitary and returns W† and the number of heads.
func unitaryOperands(q, k *circuit.Circuit, thetaQ, thetaK *G.Node) (*circuit.Circuit, int, error) {
	joint, err := joinCircuits(q, k)
	if err != nil {
		return nil, 0, err
	}
	operands := dropNil(thetaQ, thetaK)
	if len(operands) == 0 || operands[0].Dims() != 2 {
		return nil, 0, errors.Errorf("want theta (H, angles) of at least one circuit, got %v", operands)
	}
	leading := tensor.Shape{operands[0].Shape()[0]}
	if err := checkAngle("thetaQ", thetaQ, q.NumTheta(), leading); err != nil {
		return nil, 0, err
	}
	return joint, leading[0], checkAngle("thetaK", thetaK, k.NumTheta(), leading)
}

// unitaryShape returns the shape of W.
func unitaryShape(joint *circuit.Circuit, heads int) tensor.Shape {
	dim := 1 << joint.Qubits()
	if joint.Real() {
		return tensor.Shape{heads, dim, dim}
	}
	return tensor.Shape{heads, dim, dim, 2}
}

// joinCircuits returns W† = U_k†U_q, with the angles of k behind those of q. What it makes of the basis
// vectors are the rows of W, conjugated.
func joinCircuits(q, k *circuit.Circuit) (*circuit.Circuit, error) {
	for _, c := range []*circuit.Circuit{q, k} {
		if err := checkCircuit(c); err != nil {
			return nil, err
		}
	}
	if q.Qubits() != k.Qubits() {
		return nil, errors.Errorf("the circuits have %d and %d qubits, want the same", q.Qubits(), k.Qubits())
	}
	if m, n := q.NumData(), k.NumData(); m+n > 0 {
		return nil, errors.Errorf("want circuits without data, got %d and %d inputs", m, n)
	}
	if n := q.Qubits(); n > maxUnitary {
		gib := float64(uint64(16)<<(2*n)) / (1 << 30)
		return nil, errors.Errorf("want at most %d qubits, got %d: W would take %.3g GiB", maxUnitary, n, gib)
	}
	joint := q.Compose(k.OffsetParams(q.NumTheta(), 0).Adjoint())
	return joint, joint.Err()
}

// maxUnitary bounds W at 4096×4096.
const maxUnitary = 12

func unitary[T op.Float](joint *circuit.Circuit, heads int) func(theta ...*G.Node) (*G.Node, error) {
	return func(theta ...*G.Node) (*G.Node, error) {
		plan, err := compileUnitary[T](joint)
		if err != nil {
			return nil, errors.WithMessage(err, "qops: Unitary")
		}
		u := newColumns(plan, joint.Real(), anglesPerHead(theta))
		return op.Apply(op.Kernel[T]{
			Name:     "Unitary",
			Shape:    unitaryShape(joint, heads),
			Forward:  u.forward,
			Backward: u.backward,
		}, theta...)
	}
}

// compileUnitary compiles W† for real states if it is real.
func compileUnitary[T op.Float](joint *circuit.Circuit) (*statevec.Plan[T], error) {
	if joint.Real() {
		return statevec.CompileReal[T](joint)
	}
	return statevec.Compile[T](joint)
}

// anglesPerHead returns the number of a head's angles in each operand (H, angles).
func anglesPerHead(theta G.Nodes) (widths []int) {
	for _, n := range theta {
		widths = append(widths, n.Shape()[1])
	}
	return widths
}

// headAngles collects the angles of one head, those of q and then those of k, from operands (H, width) that
// hold all heads.
type headAngles[T op.Float] struct {
	widths        []int // of a head's angles in each operand
	theta, dtheta []T
}

func newHeadAngles[T op.Float](widths []int) headAngles[T] {
	count := 0
	for _, n := range widths {
		count += n
	}
	return headAngles[T]{widths, make([]T, count), make([]T, count)}
}

// each calls f with the angles of head h in every operand that is not nil, and their place in theta and
// dtheta.
func (a *headAngles[T]) each(operands [][]T, h int, f func(angles []T, from, to int)) {
	from := 0
	for i, n := range a.widths {
		if operands[i] != nil {
			f(operands[i][h*n:(h+1)*n], from, from+n)
		}
		from += n
	}
}

// gather sets theta to the angles of head h. It returns an error that names one that is NaN or infinite.
func (a *headAngles[T]) gather(in [][]T, h int) error {
	a.each(in, h, func(angles []T, from, to int) { copy(a.theta[from:to], angles) })
	return errors.WithMessagef(checkFinite(a.theta, nil, nil), "head %d", h)
}

// scatter writes dtheta as the gradient of head h.
func (a *headAngles[T]) scatter(din [][]T, h int) {
	a.each(din, h, func(angles []T, from, to int) { copy(angles, a.dtheta[from:to]) })
}

// columns runs a circuit on all basis states, for one head after the other.
type columns[T op.Float] struct {
	exec *statevec.Executor[T]
	headAngles[T]
	real      bool
	dim, size int // states, and the numbers of all of them
	basis     []T
	psi, dpsi []T // complex only: the conjugates of W and of its gradient
}

func newColumns[T op.Float](plan *statevec.Plan[T], real bool, widths []int) *columns[T] {
	dim := 1 << plan.Qubits()
	u := &columns[T]{exec: plan.NewExecutor(1), headAngles: newHeadAngles[T](widths), real: real,
		dim: dim, size: dim * plan.Width()}
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

func (u *columns[T]) forward(out []T, in [][]T) error {
	for h := 0; h*u.size < len(out); h++ {
		if err := u.gather(in, h); err != nil {
			return err
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
		if err := u.gather(in, h); err != nil {
			return err
		}
		w, dw := out[h*u.size:(h+1)*u.size], dout[h*u.size:(h+1)*u.size]
		if !u.real {
			conjugate(u.psi, w)
			conjugate(u.dpsi, dw)
			w, dw = u.psi, u.dpsi
		}
		if err := u.exec.Adjoint(u.dim, u.theta, nil, w, dw, nil, u.dtheta, nil); err != nil {
			return err
		}
		u.scatter(din, h)
	}
	return nil
}

// conjugate writes the conjugate of interleaved complex numbers; dst may be src.
func conjugate[T op.Float](dst, src []T) {
	for i := 0; i < len(src); i += 2 {
		dst[i], dst[i+1] = src[i], -src[i+1]
	}
}
