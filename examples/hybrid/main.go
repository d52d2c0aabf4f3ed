// A custom hybrid model: a classical and a quantum path side by side, with a custom ansatz and a learned gate
// between them.
//
// It learns the quadrant product sign(x₀)·sign(x₁)·|x₂| of three inputs, in a training loop of a few lines.
//
//	go run ./examples/hybrid
package main

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/train"
)

// ladder is an ansatz: three layers of RY on every qubit and RZZ between neighbours, the input entering again
// as angles in each layer.
func ladder(n int) *circuit.Circuit {
	c, angle := circuit.New(n), 0
	next := func() circuit.Angle { angle++; return circuit.Theta(angle - 1) }
	for range 3 {
		for q := range n {
			c.RX(q, circuit.Data(q)).RY(q, next())
		}
		for q := 1; q < n; q++ {
			c.RZZ(q-1, q, next())
		}
	}
	return c
}

// model is gate·quantum + (1−gate)·classical, then a linear layer: (B, 3) -> (B, 1).
var model = nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
	classical, err := nn.Chain{nn.Linear{Out: 8}, nn.GELU{}, nn.Linear{Out: 3}}.Forward(s.Sub("classical"), x)
	if err != nil {
		return nil, err
	}
	layer := qlayer.Circuit{Encoder: qlayer.Angle{}, Ansatz: ladder}
	quantum, err := layer.Forward(s.Sub("quantum"), x) // (B, 3)
	if err != nil {
		return nil, err
	}
	gate, err := s.Param("gate", nn.ParamSpec{Shape: tensor.Shape{1}, Dtype: x.Dtype(),
		Init: nn.Constant(0.5), NoDecay: true})
	if err != nil {
		return nil, err
	}
	difference, err := nn.Sub(quantum, classical)
	if err != nil {
		return nil, err
	}
	moved, err := nn.Mul(difference, gate)
	if err != nil {
		return nil, err
	}
	mixed, err := nn.Add(classical, moved)
	if err != nil {
		return nil, err
	}
	return nn.Linear{Out: 1}.Forward(s.Sub("output"), mixed)
})

func main() {
	const batch, steps = 128, 600
	x, y := make([]float64, batch*3), make([]float64, batch)
	st := nn.NewStore(3)
	var s *nn.Scope
	var loss *G.Node
	g, err := op.Build(func(g *G.ExprGraph) (err error) {
		in := G.NewMatrix(g, tensor.Float64, G.WithShape(batch, 3), G.WithName("x"),
			G.WithValue(tensor.New(tensor.WithShape(batch, 3), tensor.WithBacking(x))))
		want := G.NewMatrix(g, tensor.Float64, G.WithShape(batch, 1), G.WithName("y"),
			G.WithValue(tensor.New(tensor.WithShape(batch, 1), tensor.WithBacking(y))))
		s = nn.NewScope(g, st)
		out, err := model.Forward(s, in)
		if err != nil {
			return err
		}
		if loss, err = (losses.MSE{}).Mean(out, want); err != nil {
			return err
		}
		_, err = op.Grad(loss, s.Params()...)
		return err
	})
	check(err)
	machine := G.NewTapeMachine(g)
	defer machine.Close()
	opt, err := optimizers.DefaultAdamW().New(0.02)
	check(err)
	r := rand.New(rand.NewPCG(3, 4))
	for step := range steps + 1 {
		draw(r, x, y)
		machine.Reset()
		check(machine.RunAll())
		if step%200 == 0 {
			fmt.Printf("step %3d  loss %.4f  gate %.3f\n",
				step, loss.Value().Data(), st.Param("gate").Value.Float64s()[0])
		}
		check(opt.Update(train.Gradients(s), optimizers.Cosine{Warmup: 20}.At(step, steps+1)))
	}
	fmt.Print(s.Summary())
}

// draw fills a batch of inputs in [−2, 2) and their targets.
func draw(r *rand.Rand, x, y []float64) {
	for i := range y {
		row := x[3*i:][:3]
		for j := range row {
			row[j] = 4*r.Float64() - 2
		}
		y[i] = math.Copysign(1, row[0]) * math.Copysign(1, row[1]) * math.Abs(row[2])
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
