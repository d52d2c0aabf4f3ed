package op

import G "gorgonia.org/gorgonia"

// Flops returns the work of a graph's matrix products, one evaluation of every node: the sum of Kernel.Flops. Elementwise work does not count,
// nor do gradients; those of a product with two differentiable operands cost twice the product.
func Flops(g *G.ExprGraph) int {
	sum := 0
	for _, n := range g.AllNodes() {
		if f, ok := n.Op().(interface{ flops() int }); ok {
			sum += f.flops()
		}
	}
	return sum
}

func (f *forward[T]) flops() int { return f.kernel.Flops }
