package scaling

import (
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/optimizers"
)

// BenchmarkUpdate measures an update of AdamW, and the sum of two gradients: the line "optimizer" of
// runs.txt.
func BenchmarkUpdate(b *testing.B) {
	const params = 490714 // of hqvit m
	one := func() []float32 {
		x := make([]float32, params)
		for i := range x {
			x[i] = 1e-3
		}
		return x
	}
	value, grad := one(), one()
	b.Run("adamw", func(b *testing.B) {
		o, err := optimizers.DefaultAdamW().New(1e-3)
		if err != nil {
			b.Fatal(err)
		}
		p := []optimizers.Param{{Name: "w", Value: tensor.New(tensor.WithShape(params), tensor.WithBacking(value)),
			Grad: tensor.New(tensor.WithShape(params), tensor.WithBacking(grad))}}
		for b.Loop() {
			if err := o.Update(p, optimizers.Rates{Factor: 1}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("add", func(b *testing.B) {
		sum := one()
		for b.Loop() {
			dense.Add(sum, sum, grad)
		}
	})
}
