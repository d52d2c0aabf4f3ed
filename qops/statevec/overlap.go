package statevec

import (
	"cmp"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/pkg/errors"
)

// Overlap computes |⟨φᵢ|ψⱼ⟩|² for all pairs of rows in each item of a batch: what a SWAP test estimates as
// P(0,i,j) − P(1,i,j). It owns its memory: one a goroutine.
//
// Source: Buhrman, Cleve, Watrous, de Wolf, arXiv:quant-ph/0102001.
type Overlap[T Float] struct {
	batch, m, n, width           int
	pool                         *pool
	phi, psi, z, out, dphi, dpsi []T
	dout                         []T
	times                        [][]T // by worker: iφ or −iψ
	dz                           [][]T // by worker: ∂L/∂z
	forward, backward            func(worker, item int)
}

// NewOverlap prepares overlaps between m and n states of the given number of qubits in each of batch items.
// It returns an error for a size below 1, and for qubits that no circuit has.
func NewOverlap[T Float](batch, m, n, qubits, threads int) (*Overlap[T], error) {
	if batch < 1 || m < 1 || n < 1 {
		return nil, errors.Errorf("statevec: Overlap: want a batch and rows of 1 or more, got %d, %d and %d",
			batch, m, n)
	}
	if err := checkNumQubits(qubits); err != nil {
		return nil, errors.WithMessage(err, "Overlap")
	}
	width := 2 << qubits
	if err := cmp.Or(checkRows(m, 1, max(2*n, width)), checkRows(n, 1, width),
		checkRows(batch, 1, max(2*m*n, m*width, n*width))); err != nil {
		return nil, errors.WithMessage(err, "Overlap")
	}
	o := &Overlap[T]{batch: batch, m: m, n: n, width: width, pool: newPool(threads)}
	o.times, o.dz = make([][]T, len(o.pool.starts)), make([][]T, len(o.pool.starts))
	o.forward, o.backward = o.forwardOnItem, o.backwardOnItem
	return o, nil
}

// Apply sets z to the overlaps ⟨φᵢ|ψⱼ⟩ and out to their squared moduli.
//
//	phi  batch × m × 2·2^n   states, of any norm
//	psi  batch × n × 2·2^n
//	z    batch × 2 × m × n   real parts, then imaginary parts; Adjoint needs them
//	out  batch × m × n
//
// It returns an error if a length is wrong.
func (o *Overlap[T]) Apply(phi, psi, z, out []T) error {
	if err := o.check(phi, psi, z, "out", out); err != nil {
		return err
	}
	o.phi, o.psi, o.z, o.out = phi, psi, z, out
	o.pool.each(o.batch, o.forward)
	o.release()
	return nil
}

// Adjoint sets dphi and dpsi to the gradients of Apply, from its z and dout = ∂L/∂out; a nil one is skipped.
// It returns an error if a length is wrong.
func (o *Overlap[T]) Adjoint(phi, psi, z, dout, dphi, dpsi []T) error {
	if err := cmp.Or(o.check(phi, psi, z, "dout", dout),
		checkOptional("dphi", dphi, len(phi)), checkOptional("dpsi", dpsi, len(psi))); err != nil {
		return err
	}
	o.phi, o.psi, o.z, o.dout, o.dphi, o.dpsi = phi, psi, z, dout, dphi, dpsi
	o.pool.each(o.batch, o.backward)
	o.release()
	return nil
}

func (o *Overlap[T]) release() {
	o.phi, o.psi, o.z, o.out, o.dout, o.dphi, o.dpsi = nil, nil, nil, nil, nil, nil, nil
}

func (o *Overlap[T]) check(phi, psi, z []T, what string, out []T) error {
	if o == nil || o.pool == nil {
		return errors.New("statevec: want an Overlap from NewOverlap")
	}
	return cmp.Or(checkLength("phi", len(phi), o.batch*o.m*o.width),
		checkLength("psi", len(psi), o.batch*o.n*o.width), checkLength("z", len(z), 2*o.batch*o.m*o.n),
		checkLength(what, len(out), o.batch*o.m*o.n))
}

// item returns the part of x that belongs to one item of the batch, nil of nil.
func (o *Overlap[T]) item(x []T, i int) []T {
	n := len(x) / o.batch
	return x[i*n : (i+1)*n]
}

// timesI returns sign·i·x in a worker's memory: states as rows of re0 im0 re1 im1 ….
func (o *Overlap[T]) timesI(worker int, x []T, sign T) []T {
	out := resized(o.times[worker], max(o.m, o.n)*o.width)
	o.times[worker] = out
	for j := 0; j < len(x); j += 2 {
		out[j], out[j+1] = -sign*x[j+1], sign*x[j]
	}
	return out[:len(x)]
}

// forwardOnItem takes rows as real vectors: Re⟨φ|ψ⟩ = φ·ψ and Im⟨φ|ψ⟩ = φ·(−iψ).
func (o *Overlap[T]) forwardOnItem(worker, i int) {
	phi, psi, z, out := o.item(o.phi, i), o.item(o.psi, i), o.item(o.z, i), o.item(o.out, i)
	re, im := z[:o.m*o.n], z[o.m*o.n:]
	dense.Gemm(false, true, o.m, o.n, o.width, 1, phi, o.width, psi, o.width, 0, re, o.n)
	rotated := o.timesI(worker, psi, -1)
	dense.Gemm(false, true, o.m, o.n, o.width, 1, phi, o.width, rotated, o.width, 0, im, o.n)
	for k, x := range re {
		out[k] = x*x + im[k]*im[k]
	}
}

func (o *Overlap[T]) backwardOnItem(worker, i int) {
	phi, psi, z, dout := o.item(o.phi, i), o.item(o.psi, i), o.item(o.z, i), o.item(o.dout, i)
	mn := o.m * o.n
	dz := resized(o.dz[worker], 2*mn)
	o.dz[worker] = dz
	dre, dim := dz[:mn], dz[mn:]
	for k, g := range dout {
		dre[k], dim[k] = 2*g*z[k], 2*g*z[mn+k]
	}
	if o.dphi != nil {
		d := o.item(o.dphi, i)
		dense.Gemm(false, false, o.m, o.width, o.n, 1, dre, o.n, psi, o.width, 0, d, o.width)
		rotated := o.timesI(worker, psi, -1)
		dense.Gemm(false, false, o.m, o.width, o.n, 1, dim, o.n, rotated, o.width, 1, d, o.width)
	}
	if o.dpsi != nil {
		d := o.item(o.dpsi, i)
		dense.Gemm(true, false, o.n, o.width, o.m, 1, dre, o.n, phi, o.width, 0, d, o.width)
		rotated := o.timesI(worker, phi, 1)
		dense.Gemm(true, false, o.n, o.width, o.m, 1, dim, o.n, rotated, o.width, 1, d, o.width)
	}
}
