package nn_test

import (
	"math"
	"math/rand/v2"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

func storeMisuses() []apitest.Misuse {
	spec := nn.ParamSpec{Shape: tensor.Shape{2}, Dtype: tensor.Float64, Init: nn.Constant(1)}
	param := func(s *nn.Scope, spec nn.ParamSpec) func() error {
		return func() error { _, err := s.Param("p", spec); return err }
	}
	return []apitest.Misuse{
		apitest.Wrong("Scope.Param", "nil Scope", param(nil, spec)),
		apitest.Wrong("Scope.Param", "no graph", param(nn.NewScope(nil, nn.NewStore(1)), spec)),
		apitest.Wrong("Scope.Param", "the zero spec",
			param(nn.NewScope(G.NewGraph(), nn.NewStore(1)), nn.ParamSpec{})),
		apitest.Wrong("Scope.Param", "no name", func() error {
			_, err := nn.NewScope(G.NewGraph(), nn.NewStore(1)).Param("", spec)
			return err
		}),
		apitest.Wrong("Scope.Param", "more values than a tensor can have",
			param(nn.NewScope(G.NewGraph(), nn.NewStore(1)),
				nn.ParamSpec{Shape: tensor.Shape{1e9, 64}, Dtype: tensor.Float64, Init: nn.Constant(1)})),
		apitest.Wrong("Scope.Param", "an Init that panics",
			param(nn.NewScope(G.NewGraph(), nn.NewStore(1)), nn.ParamSpec{
				Shape: tensor.Shape{2}, Dtype: tensor.Float64,
				Init: func(*rand.Rand, tensor.Shape, []float64) { panic("the caller's") }})),
		apitest.Wrong("Scope.Param", "an infinite first value",
			param(nn.NewScope(G.NewGraph(), nn.NewStore(1)),
				nn.ParamSpec{Shape: tensor.Shape{2}, Dtype: tensor.Float64, Init: nn.Normal(math.Inf(1))})),
		apitest.Harmless("NewScope", "nothing", func() { nn.NewScope(nil, nil).Random().SetRows(nil) }),
		apitest.Harmless("NewEvalScope", "nothing", func() { nn.NewEvalScope(nil, nil).Notes() }),
		apitest.Harmless("Scope.Sub", "nil", func() { (*nn.Scope)(nil).Sub("a").Sub("") }),
		apitest.Harmless("Scope.Path", "nil", func() { (*nn.Scope)(nil).Path() }),
		apitest.Harmless("Scope.Graph", "nil", func() { (*nn.Scope)(nil).Graph() }),
		apitest.Harmless("Scope.Training", "nil", func() { (*nn.Scope)(nil).Training() }),
		apitest.Harmless("Scope.Random", "nil", func() { (*nn.Scope)(nil).Random().Stream("a") }),
		apitest.Harmless("Scope.Trained", "nil", func() { (*nn.Scope)(nil).Trained() }),
		apitest.Harmless("Scope.Params", "nil", func() { (*nn.Scope)(nil).Params() }),
		apitest.Harmless("Scope.Tap", "nil", func() {
			(*nn.Scope)(nil).Tap("a", nn.TapValue, nil)
			s := nn.NewScope(G.NewGraph(), nn.NewStore(1))
			if s.Tap("a", nn.TapValue, nil); len(s.Taps()) != 0 {
				panic("a nil node is offered")
			}
		}),
		apitest.Harmless("Scope.Taps", "nil", func() { (*nn.Scope)(nil).Taps() }),
		apitest.Harmless("Scope.Note", "nil", func() { (*nn.Scope)(nil).Note("a", 1) }),
		apitest.Harmless("Scope.Notes", "nil", func() { (*nn.Scope)(nil).Notes() }),
		apitest.Harmless("Scope.Figure", "nil", func() { (*nn.Scope)(nil).Figure(nil) }),
		apitest.Harmless("Scope.Figures", "nil", func() { (*nn.Scope)(nil).Figures() }),
		apitest.Harmless("Scope.Summary", "nil", func() { _ = (*nn.Scope)(nil).Summary().String() }),
		apitest.Harmless("Summary.String", "nil and zero rows",
			func() { _, _ = nn.Summary(nil).String(), nn.Summary{{}}.String() }),
		apitest.Wrong("Param.Set", "an unknown parameter",
			func() error { return new(nn.Store).Param("p").Set([]float64{1}) }),
		apitest.Wrong("Param.Set", "the zero Param", func() error { return new(nn.Param).Set(nil) }),
		apitest.Harmless("Param.Values", "an unknown parameter",
			func() { new(nn.Store).Param("p").Values() }),
		apitest.Harmless("Store.Param", "the zero Store", func() { new(nn.Store).Param("p") }),
		apitest.Harmless("Store.Params", "the zero Store", func() { new(nn.Store).Params() }),
		apitest.Harmless("Store.Names", "the zero Store", func() { new(nn.Store).Names() }),
		apitest.Harmless("Store.Count", "the zero Store", func() { new(nn.Store).Count("a") }),
		apitest.Harmless("Store.Seed", "the zero Store", func() { new(nn.Store).Seed() }),
		apitest.Harmless("RandomSource.Stream", "the zero value", func() { new(nn.RandomSource).Stream("") }),
		apitest.Harmless("RandomSource.SetRows", "the zero value",
			func() { new(nn.RandomSource).SetRows(nil) }),
		apitest.Harmless("RandomSource.Rows", "the zero value", func() { new(nn.RandomSource).Rows() }),
		apitest.Wrong("RandomStream.Next", "the zero value",
			func() error { return new(nn.RandomStream).Next(1) }),
		apitest.Harmless("RandomStream.Row", "the zero value", func() { new(nn.RandomStream).Row(0) }),
		apitest.Harmless("RandomStream.Row", "a row that is not there", func() {
			z := &nn.RandomSource{}
			z.SetRows([]uint64{1})
			z.Stream("a").Row(-1)
			z.Stream("a").Row(9)
		}),
		apitest.Wrong("Export", "a nil layer", func() error {
			_, err := nn.Export(nil, nn.NewStore(1), []int{2}, op.ExportOptions{})
			return err
		}),
		apitest.Wrong("Export", "a nil Store", func() error {
			_, err := nn.Export(nn.Linear{Out: 1}, nil, []int{2}, op.ExportOptions{})
			return err
		}),
		apitest.Wrong("Export", "an empty axis", func() error {
			_, err := nn.Export(nn.GELU{}, nn.NewStore(1), []int{0}, op.ExportOptions{})
			return err
		}),
		apitest.Wrong("Export", "a layer that panics", func() error {
			layer := nn.Func(func(*nn.Scope, *G.Node) (*G.Node, error) { panic("the caller's") })
			_, err := nn.Export(layer, nn.NewStore(1), []int{2}, op.ExportOptions{})
			return err
		}),
		apitest.Harmless("Constant", "nothing to fill", func() { nn.Constant(1)(nil, nil, nil) }),
		apitest.Harmless("Uniform", "an empty range",
			func() { nn.Uniform(2, 1)(rand.New(rand.NewPCG(1, 1)), nil, make([]float64, 1)) }),
	}
}
