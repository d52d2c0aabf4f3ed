// A quantum kernel: two rings of points, told apart by a ridge classifier that knows of them only the
// overlaps of their states.
//
// The states are those of the IQP encoding, and the kernel is k(a, b) = |⟨ψ(a)|ψ(b)⟩|². Nothing is trained
// but the classifier, by one solution of linear equations. Its rival is the same classifier over the plain
// scalar product.
//
//	go run ./examples/kernel
//	go run ./examples/kernel -short   # fewer points
package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops"
)

const (
	noise = 0.08 // standard deviation of a point from its ring
	ridge = 0.01 // weight of the classifier's squared norm
)

func main() {
	short := flag.Bool("short", false, "fewer points")
	flag.Parse()
	points := 200
	if *short {
		points = 40
	}
	seen, labels := rings(points, 1)
	unseen, answers := rings(points, 2)
	for _, k := range []struct {
		name string
		gram func(a, b *tensor.Dense) (*mat.Dense, error)
	}{
		{"IQP states", overlaps(qlayer.IQP{})},
		{"angle states", overlaps(qlayer.Angle{})},
		{"scalar product", products},
	} {
		train, err := k.gram(seen, seen)
		check(err)
		test, err := k.gram(unseen, seen)
		check(err)
		weights, err := solve(train, labels)
		check(err)
		fmt.Printf("%-14s  accuracy %5.1f %%, of unseen points %5.1f %%\n",
			k.name, 100*accuracy(train, weights, labels), 100*accuracy(test, weights, answers))
	}
}

// overlaps returns the kernel of an encoder's states, for all pairs of rows of a and b.
func overlaps(encoder qlayer.Encoder) func(a, b *tensor.Dense) (*mat.Dense, error) {
	return func(a, b *tensor.Dense) (*mat.Dense, error) {
		g := G.NewGraph()
		s := nn.NewEvalScope(g, nn.NewStore(1))
		var states [2]*G.Node
		for i, x := range []*tensor.Dense{a, b} {
			rows := G.NewTensor(g, tensor.Float64, 3, G.WithShape(x.Shape()...),
				G.WithName(fmt.Sprint("x", i)), G.WithValue(x))
			var err error
			if states[i], _, err = encoder.Encode(s, rows); err != nil { // (1, points, 2^n, 2)
				return nil, err
			}
		}
		k, err := qops.Overlap(states[0], states[1]) // (1, points, points)
		if err != nil {
			return nil, err
		}
		vm := G.NewTapeMachine(g)
		defer vm.Close()
		if err := vm.RunAll(); err != nil {
			return nil, err
		}
		return mat.NewDense(a.Shape()[1], b.Shape()[1],
			append([]float64{}, k.Value().Data().([]float64)...)), nil
	}
}

// products returns 1 + ⟨a, b⟩ for all pairs of rows: a linear classifier.
func products(a, b *tensor.Dense) (*mat.Dense, error) {
	k := new(mat.Dense)
	k.Mul(mat.NewDense(a.Shape()[1], 2, a.Float64s()), mat.NewDense(b.Shape()[1], 2, b.Float64s()).T())
	k.Apply(func(_, _ int, v float64) float64 { return 1 + v }, k)
	return k, nil
}

// solve returns the weights w of (K + ridge·1)w = labels.
func solve(k *mat.Dense, labels *mat.VecDense) (*mat.VecDense, error) {
	shifted, w := mat.DenseCopyOf(k), new(mat.VecDense)
	for i := range labels.Len() {
		shifted.Set(i, i, k.At(i, i)+ridge)
	}
	return w, w.SolveVec(shifted, labels)
}

// accuracy returns the share of rows of the kernel whose weighted sum has the sign of the label.
func accuracy(k *mat.Dense, weights, labels *mat.VecDense) (right float64) {
	scores := new(mat.VecDense)
	scores.MulVec(k, weights)
	for i := range labels.Len() {
		if scores.AtVec(i)*labels.AtVec(i) > 0 {
			right += 1 / float64(labels.Len())
		}
	}
	return right
}

// rings returns points (1, n, 2) in turn on circles of radius 0.5 and 1, with labels −1 and 1.
func rings(n int, seed uint64) (*tensor.Dense, *mat.VecDense) {
	r, x, y := rand.New(rand.NewPCG(seed, 1)), make([]float64, 2*n), mat.NewVecDense(n, nil)
	for i := range n {
		radius, label := 0.5, -1.0
		if i%2 == 1 {
			radius, label = 1, 1
		}
		sin, cos := math.Sincos(2 * math.Pi * r.Float64())
		x[2*i], x[2*i+1] = radius*cos+noise*r.NormFloat64(), radius*sin+noise*r.NormFloat64()
		y.SetVec(i, label)
	}
	return tensor.New(tensor.WithShape(1, n, 2), tensor.WithBacking(x)), y
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
