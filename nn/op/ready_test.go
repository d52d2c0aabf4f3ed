package op_test

import (
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// Gradients are ready from the last layer to the first, before the run has ended, with the values that they
// end with.
func TestReady(t *testing.T) {
	st := nn.NewStore(1)
	var p *op.Program
	var leaves G.Nodes
	var order []int
	early := map[int][]float32{}
	var input *tensor.Dense
	build := func(groups [][]int, call func(int)) (*op.Program, error) {
		return op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
			s := nn.NewScope(g, st)
			values := make([]float32, 4*6)
			for i := range values {
				values[i] = float32(i%5) / 5
			}
			input = tensor.New(tensor.WithShape(4, 6), tensor.WithBacking(values))
			x := G.NewTensor(g, tensor.Float32, 2, G.WithShape(4, 6), G.WithValue(input), G.WithName("x"))
			y, err := nn.Chain{nn.Linear{Out: 5}, nn.GELU{}, nn.Linear{Out: 4}, nn.GELU{},
				nn.Linear{Out: 3}}.Forward(s, x)
			if err != nil {
				return op.Outputs{}, err
			}
			leaves = nil
			for _, leaf := range s.Trained() {
				leaves = append(leaves, leaf.Node)
			}
			cost, err := op.Apply(op.Kernel[float32]{Name: "Sum", Shape: tensor.Shape{},
				Forward: func(out []float32, in [][]float32) error {
					out[0] = 0
					for _, v := range in[0] {
						out[0] += v
					}
					return nil
				},
				Backward: func(din, _ [][]float32, _, dout []float32) error {
					for i := range din[0] {
						din[0][i] = dout[0]
					}
					return nil
				}}, y)
			o := op.Outputs{Cost: cost, WRT: leaves, Ready: &op.Ready{Call: call}}
			for _, group := range groups {
				var nodes G.Nodes
				for _, i := range group {
					if i >= len(leaves) {
						nodes = append(nodes, x)
						continue
					}
					nodes = append(nodes, leaves[i])
				}
				o.Ready.Groups = append(o.Ready.Groups, nodes)
			}
			return o, err
		})
	}
	groups := [][]int{{0, 1}, {2, 3}, {4, 5}}
	var notYet []float32 // the gradient of the first layer when that of the last is ready
	p, err := build(groups, func(group int) {
		order = append(order, group)
		for _, i := range groups[group] {
			values, err := op.Elements[float32](p.Grad(leaves[i]))
			if err != nil {
				t.Error(err)
			}
			early[i] = slices.Clone(values)
		}
		if first := p.Grad(leaves[0]); group == 2 && first != nil {
			values, err := op.Elements[float32](first)
			if err != nil {
				t.Error(err)
			}
			notYet = slices.Clone(values)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for run := range 2 {
		order = nil
		for i, v := range input.Float32s() {
			input.Float32s()[i] = v + float32(run)
		}
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(order, []int{2, 1, 0}) {
			t.Errorf("groups are ready in the order %v, want from the last to the first", order)
		}
		for i, leaf := range leaves {
			values, err := op.Elements[float32](p.Grad(leaf))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(values, early[i]) || slices.Max(values) == slices.Min(values) && len(values) > 5 {
				t.Errorf("gradient %d was %v when it was ready, and ends as %v", i, early[i], values)
			}
		}
	}
	if slices.Equal(notYet, early[0]) {
		t.Error("the gradient of the first layer is complete when that of the last is ready")
	}
	if _, err := build([][]int{{99}}, func(int) {}); err == nil {
		t.Error("a group of what is not differentiated by gives no error")
	}
	if _, err := build(nil, nil); err == nil {
		t.Error("Ready without a function gives no error")
	}
}
