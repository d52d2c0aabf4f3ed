package qops

import (
	"fmt"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/qops/statevec"
)

// BenchmarkRoutes runs what CircuitScores chooses from, forward and backward, for 32 images of one head:
// where the times cross decides gateCost. The names say which route is chosen.
func BenchmarkRoutes(b *testing.B) {
	for _, tokens := range []int{4, 16, 64} {
		for _, qubits := range []int{4, 5, 6, 7, 8, 10} {
			for _, layers := range []int{1, 2, 4} {
				c := rotationRing(qubits, layers)
				joint, err := joinCircuits(c, c)
				if err != nil {
					b.Fatal(err)
				}
				dim := 1 << qubits
				k, err := newScoreShape(tensor.Shape{32, tokens, dim}, unitaryShape(joint, 1), ScoreOptions{})
				if err != nil {
					b.Fatal(err)
				}
				plan, err := statevec.CompileReal[float32](joint)
				if err != nil {
					b.Fatal(err)
				}
				widths, x, pairs := []int{c.NumTheta(), c.NumTheta()}, 32*tokens*dim, 32*tokens*tokens
				u, merged, patchwise := newColumns(plan, true, widths),
					withMemory(newScoreKernel[float32](k, false)),
					withMemory(newScoreKernel[float32](k, false))
				patchwise.circuits = newPatchwise(k, plan, true, widths)
				routes := [2][]kernel{
					{{"", u.forward, u.backward, u.size, widths},
						{"", merged.forward, merged.backward, pairs, []int{x, dim * dim}}},
					{{"", patchwise.forward, patchwise.backward, pairs, append([]int{x}, widths...)}},
				}
				flops := [2]int{
					2*32*tokens*dim*(dim+tokens) + dim*3*countArithmetic(joint)*plan.Width(),
					32 * tokens * (2*tokens*dim + 3*countArithmetic(joint)*plan.Width()),
				}
				chosen := 0
				if k.prefersCircuits(joint) {
					chosen = 1
				}
				for i, name := range []string{"merged", "patchwise"} {
					if i == chosen {
						name += "-chosen"
					}
					var passes []map[string]func() error
					for _, k := range routes[i] {
						passes = append(passes, k.passes(b))
					}
					b.Run(fmt.Sprintf("T=%d/d=%d/L=%d/%s", tokens, dim, layers, name), func(b *testing.B) {
						for b.Loop() {
							for _, p := range passes {
								if err := p["forward"](); err != nil {
									b.Fatal(err)
								}
								if err := p["backward"](); err != nil {
									b.Fatal(err)
								}
							}
						}
						b.ReportMetric(3*float64(flops[i])/1e6, "Mflop/op")
					})
				}
			}
		}
	}
}
