package qops

import (
	"cmp"
	"math"
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
)

// waveMatrices returns the real forms of what multiplies the waves of a gate: with P the projector on the
// eigenvalues λ and −λ of its generator, cos(λa)·(P(λ)+P(−λ)) − i·sin(λa)·(P(λ)−P(−λ)).
func waveMatrices(o circuit.Operation, p circuit.ParamOccurrence) (matrices [][]float64) {
	generator := generatorOf(o)
	if generator == nil {
		return nil
	}
	for _, f := range frequencies(p) {
		cosine, sine := make(circuit.Matrix, len(generator)), make(circuit.Matrix, len(generator))
		for _, v := range p.Eigenvalues {
			if math.Abs(math.Abs(v)-f) > 1e-9 {
				continue
			}
			sign := complex(float64(cmp.Compare(v, 0)), 0)
			for i, x := range projector(generator, p.Eigenvalues, v) {
				cosine[i] += x
				sine[i] -= 1i * sign * x
			}
		}
		matrices = append(matrices, realForm(cosine), realForm(sine))
	}
	return matrices
}

// generatorOf returns the generator of an operation on its controls and qubits: 0 where a control is 0.
func generatorOf(o circuit.Operation) circuit.Matrix {
	g := o.Gate.Generator()
	if len(o.AllQubits()) > maxMerged || g == nil {
		return nil
	}
	dim, inner := 1<<len(o.AllQubits()), g.Dim()
	m := make(circuit.Matrix, dim*dim)
	for i := range inner {
		copy(m[(dim-inner+i)*dim+dim-inner:], g[i*inner:(i+1)*inner])
	}
	return m
}

// projector returns that on the eigenvalue v of a matrix of these eigenvalues, ∏ (G−u)/(v−u) over the others.
func projector(g circuit.Matrix, eigenvalues []float64, v float64) circuit.Matrix {
	dim := g.Dim()
	p := circuit.Matrix{}
	for i := range dim * dim {
		p = append(p, unit(i/dim == i%dim))
	}
	for _, u := range eigenvalues {
		if u == v {
			continue
		}
		factor := slices.Clone(g)
		for i := range dim {
			factor[i*dim+i] -= complex(u, 0)
		}
		p = p.Mul(factor.Scaled(complex(1/(v-u), 0)))
	}
	return p
}

func unit(one bool) complex128 {
	if one {
		return 1
	}
	return 0
}

// realForm returns the matrix (2d, 2d) by which a row of d complex numbers, each as its real and imaginary
// part, is multiplied from the right in place of m from the left.
func realForm(m circuit.Matrix) []float64 {
	d := m.Dim()
	out := make([]float64, 4*d*d)
	for i := range d {
		for j := range d {
			a, b := real(m[i*d+j]), imag(m[i*d+j])
			from, to := 2*j*2*d, 2*i
			out[from+to], out[from+to+1] = a, b
			out[from+2*d+to], out[from+2*d+to+1] = -b, a
		}
	}
	return out
}
