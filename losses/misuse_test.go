package losses_test

import (
	"fmt"
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/losses"
)

// silent is a user's Loss that gives nothing.
type silent struct{}

func (silent) Sum(_, _ *G.Node) (*G.Node, error)  { return nil, nil }
func (silent) Mean(_, _ *G.Node) (*G.Node, error) { return nil, nil }

// explosive is a user's Loss that panics.
type explosive struct{}

func (explosive) Sum(_, _ *G.Node) (*G.Node, error)  { panic("the caller's") }
func (explosive) Mean(_, _ *G.Node) (*G.Node, error) { panic("the caller's") }

func TestMisuse(t *testing.T) {
	g := G.NewGraph()
	node := func(name string, dt tensor.Dtype, shape ...int) *G.Node {
		return G.NewTensor(g, dt, len(shape), G.WithName(name), G.WithShape(shape...))
	}
	x, y := node("x", tensor.Float64, 2, 3), node("y", tensor.Float64, 2, 3)
	wrong := map[string]*G.Node{
		"nil": nil, "the zero Node": new(G.Node), "no shape": G.NewMatrix(g, tensor.Float64,
			G.WithName("shapeless")),
		"integers": node("i", tensor.Int, 2, 3), "float32": node("n", tensor.Float32, 2, 3),
		"other rows": node("o", tensor.Float64, 5, 3), "four axes": node("f", tensor.Float64, 2, 3, 1, 1),
		"a scalar":      G.NewScalar(g, tensor.Float64, G.WithName("s")),
		"another graph": G.NewMatrix(G.NewGraph(), tensor.Float64, G.WithShape(2, 3)),
	}
	var calls []apitest.Misuse
	for _, l := range kinds() {
		name := fmt.Sprintf("%T", l)[len("losses."):]
		for what, n := range wrong {
			calls = append(calls,
				apitest.Wrong(name+".Sum", "prediction: "+what, func() error {
					_, err := l.Sum(n, y)
					return err
				}),
				apitest.Wrong(name+".Mean", "prediction: "+what, func() error {
					_, err := l.Mean(n, y)
					return err
				}),
				apitest.Wrong(name+".Sum", "target: "+what, func() error {
					_, err := l.Sum(x, n)
					return err
				}),
				apitest.Wrong(name+".Mean", "target: "+what, func() error {
					_, err := l.Mean(x, n)
					return err
				}),
			)
		}
		calls = append(calls, apitest.Harmless(name+".Takes", "an unknown form",
			func() { l.(losses.Targeted).Takes(-1) }))
	}
	for _, row := range losses.Table() {
		for what, l := range apitest.Spoilt(row.New()) {
			calls = append(calls, apitest.Wrong(fmt.Sprintf("%T.Check", l)[len("losses."):], what,
				func() error { return l.(interface{ Check() error }).Check() }))
		}
	}
	for what, d := range map[string]losses.Distillation{
		"weight above 1": {Weight: 1.5}, "weight NaN": {Weight: math.NaN()},
		"negative temperature":      {Temperature: -1},
		"a loss that gives nothing": {Loss: silent{}},
		"a loss that panics":        {Loss: explosive{}},
		"a loss that is nil":        {Loss: (*losses.MSE)(nil)},
	} {
		calls = append(calls,
			apitest.Wrong("Distillation.Sum", what, func() error { _, err := d.Sum(x, y, y); return err }),
			apitest.Wrong("Distillation.Mean", what, func() error { _, err := d.Mean(x, y, y); return err }))
	}
	calls = append(calls,
		apitest.Wrong("Distillation.Sum", "no teacher",
			func() error { _, err := losses.Distillation{}.Sum(x, y, nil); return err }),
		apitest.Wrong("CrossEntropy.Sum", "smoothing above 1", func() error {
			_, err := losses.CrossEntropy{Smoothing: 2}.Sum(x, y)
			return err
		}),
		apitest.Wrong("KLDivergence.Sum", "infinite temperature", func() error {
			_, err := losses.KLDivergence{Temperature: math.Inf(1)}.Sum(x, y)
			return err
		}),
		apitest.Wrong("Parse", "nothing", func() error {
			_, _, err := losses.Parse("", losses.Table())
			return err
		}),
		apitest.Wrong("Parse", "no table", func() error {
			_, _, err := losses.Parse("mse", nil)
			return err
		}),
		apitest.Wrong("Parse", "a row without New",
			func() error { _, _, err := losses.Parse("a", []losses.Row{{Name: "a"}}); return err }),
		apitest.Wrong("Parse", "a row that makes nothing", func() error {
			_, _, err := losses.Parse("a", []losses.Row{{Name: "a", New: func() losses.Loss { return nil }}})
			return err
		}),
		apitest.Harmless("Row.Options", "the zero Row", func() { losses.Row{}.Options() }),
	)
	apitest.Check(t, ".", calls, nil)
}
