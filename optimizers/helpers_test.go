package optimizers_test

import (
	"math"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
)

// adamW is AdamW with another decay.
func adamW(decay float64) optimizers.AdamW {
	c := optimizers.DefaultAdamW()
	c.Decay = decay
	return c
}

func open(t *testing.T, c optimizers.Config, lr float64) optimizers.Optimizer {
	t.Helper()
	opt, err := c.New(lr)
	if err != nil {
		t.Fatal(err)
	}
	return opt
}

func param[T op.Float](name string, value, grad []T) optimizers.Param {
	return optimizers.Param{Name: name, Value: vector(value), Grad: vector(grad)}
}

func vector[T op.Float](x []T) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(x)), tensor.WithBacking(x))
}

func elements[T op.Float](t *testing.T, v G.Value) []T {
	t.Helper()
	x, err := op.Elements[T](v)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// task is the one of testdata/golden.py: its gradients are functions of the step and the values.
type task[T op.Float] struct {
	w, b, dw, db []T
	params       []optimizers.Param
}

func newTask[T op.Float]() *task[T] {
	k := &task[T]{w: []T{0.5, -1.25, 2, 0.75, -0.1, 3.5}, b: []T{0.3, -0.7}, dw: make([]T, 6),
		db: make([]T, 2)}
	k.params = []optimizers.Param{param("0.weight", k.w, k.dw), param("0.bias", k.b, k.db)}
	k.params[1].NoDecay = true
	return k
}

func (k *task[T]) values() []T { return slices.Concat(k.w, k.b) }

func (k *task[T]) differentiate(step int) {
	for i, w := range k.w {
		k.dw[i] = T(math.Pow(float64(w), 3) - 0.5*math.Sin(float64(i+step)))
	}
	for i, b := range k.b {
		k.db[i] = T(math.Cos(float64(3*b) + float64(step)))
	}
}

// train does the steps from one to another, of 50.
func (k *task[T]) train(t *testing.T, opt optimizers.Optimizer, schedule optimizers.Schedule, from, to int) {
	t.Helper()
	for step := from; step < to; step++ {
		k.differentiate(step)
		if err := opt.Update(k.params, schedule.At(step, 50)); err != nil {
			t.Fatal(err)
		}
	}
}
