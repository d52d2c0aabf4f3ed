// Package nntest holds the laws that every layer has to keep, as a test for custom layers:
//
//	func TestLayer(t *testing.T) {
//		nntest.Conform(t, nntest.Case{Layer: mine.Layer{Width: 3}, Input: []int{4, 6}, Output: []int{4, 3}})
//	}
package nntest

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
)

// Case is a layer with what to test it on.
type Case struct {
	Layer  nn.Layer
	Input  []int // shape; its first axis is the batch, at least 2
	Output []int // the shape to expect

	Gradients gradcheck.Config // how to check gradients; the zero value is strict
	MixesRows bool             // a row of the result depends on other rows of the batch: that law is left out
}

// Conform tests that the layer keeps the laws, each in a subtest:
//
//   - shape: the result has the expected shape in the graph and in the run, in both dtypes;
//   - gradients: those of the input and of all parameters equal central differences, on both machines and in
//     both dtypes, and a run depends on nothing but its leaves and changes none of them (gradcheck.Graph);
//   - names: all parameters are below the layer's Scope;
//   - seed: one seed gives the same first values, in either dtype, and the same result;
//   - weights: two graphs over one Store share their weights, and the second asks for no more;
//   - stopped: with the input behind op.StopGradient, the parameters' gradients are the same;
//   - rows: a row gives in a batch what it gives alone, with its key in Scope.Random;
//   - replicas: graphs over one Store that run side by side agree to the last bit (to be run with the race
//     detector);
//   - shared: with any op.MemoryPlan, with and without gradients in the graph, result and gradients are the
//     same to the last bit;
//   - memory: what a run allocates, gradients included, does not grow with the batch (not measured under the
//     race detector).
//
// The input is normal noise; parameters are disturbed, so that none has a special value.
func Conform(t *testing.T, c Case) {
	t.Helper()
	if c.Layer == nil || len(c.Input) == 0 || c.Input[0] < 2 {
		t.Fatalf("nntest: layer %T, input shape %v, want a layer and a batch of at least 2 as its first axis",
			c.Layer, c.Input)
	}
	for _, law := range laws {
		t.Run(law.name, func(t *testing.T) { law.check(t, c) })
	}
}

var laws = []struct {
	name  string
	check func(t testing.TB, c Case)
}{
	{"shape", func(t testing.TB, c Case) { shape[float32](t, c); shape[float64](t, c) }},
	{"gradients", gradients},
	{"names", names},
	{"seed", seed},
	{"weights", weights},
	{"stopped", stopped},
	{"rows", rows},
	{"replicas", replicas},
	{"shared", func(t testing.TB, c Case) { shared[float32](t, c); shared[float64](t, c) }},
	{"memory", memory},
}

func shape[T op.Float](t testing.TB, c Case) {
	p := build[T](t, c, nn.NewStore(1), c.inputs(c.Input[0]))
	p.result(t)
	for _, got := range []struct {
		where string
		shape []int
	}{{"graph", p.out.Shape()}, {"run", p.out.Value().Shape()}} {
		if !slices.Equal(got.shape, c.Output) {
			t.Errorf("%v: shape %v in the %s, want %v", op.DtypeOf[T](), got.shape, got.where, c.Output)
		}
	}
}

func gradients(t testing.TB, c Case) {
	b := c.inputs(c.Input[0])
	err := gradcheck.Graph(c.Gradients, func(g *G.ExprGraph, dt tensor.Dtype) (*G.Node, G.Nodes, error) {
		s, x, y, err := c.open(g, dt, nn.NewStore(1), b)
		if err != nil {
			return nil, nil, err
		}
		return y, append(G.Nodes{x}, s.Params()...), disturb(s)
	})
	if err != nil {
		t.Error(err)
	}
}

func names(t testing.TB, c Case) {
	st := nn.NewStore(1)
	build[float64](t, c, st, c.inputs(c.Input[0]))
	for _, name := range st.Names() {
		if !strings.HasPrefix(name, place+".") {
			t.Errorf("parameter %s is outside of its Scope %s", name, place)
		}
	}
}

func seed(t testing.TB, c Case) {
	b := c.inputs(c.Input[0])
	wide, again, narrow := nn.NewStore(3), nn.NewStore(3), nn.NewStore(3)
	first, second := build[float64](t, c, wide, b), build[float64](t, c, again, b)
	build[float32](t, c, narrow, b)
	if !slices.Equal(first.result(t), second.result(t)) {
		t.Error("two graphs of one seed give different results")
	}
	for i, p := range wide.Params() {
		same, rounded := again.Params()[i], narrow.Params()[i]
		if p.Name != same.Name || p.Name != rounded.Name {
			t.Fatalf("parameter %d is %s, then %s, in float32 %s", i, p.Name, same.Name, rounded.Name)
		}
		if !slices.Equal(p.Values(), same.Values()) {
			t.Errorf("%s: one seed gives different values", p.Name)
		}
		if !slices.EqualFunc(p.Values(), rounded.Values(),
			func(v, w float64) bool { return float32(v) == float32(w) }) {
			t.Errorf("%s: the values in float32 are not those of float64, rounded", p.Name)
		}
	}
}

func weights(t testing.TB, c Case) {
	st, b := nn.NewStore(1), c.inputs(c.Input[0])
	first := build[float64](t, c, st, b)
	count := len(st.Params())
	second := build[float64](t, c, st, b)
	if n := len(st.Params()); n != count {
		t.Fatalf("the first graph asked for %d parameters, the second for %d more", count, n-count)
	}
	before := first.result(t)
	if err := disturb(first.scope); err != nil {
		t.Fatal(err)
	}
	after := first.result(t)
	if len(first.scope.Trained()) > 0 && slices.Equal(before, after) {
		t.Error("other parameters give the same result")
	}
	if !slices.Equal(after, second.result(t)) {
		t.Error("the second graph does not follow the weights of the first")
	}
}

func stopped(t testing.TB, c Case) {
	st, b := nn.NewStore(1), c.inputs(c.Input[0])
	live := build[float64](t, c, st, b)
	if len(live.scope.Params()) == 0 {
		return
	}
	want, err := live.gradients(live.wrt[1:])
	if err != nil {
		t.Fatal(err)
	}
	b.stopped = true
	still := build[float64](t, c, st, b)
	got, err := still.gradients(still.wrt)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Error("the parameters have other gradients when the input needs none")
	}
}

// rows allows rounding: a product for one row may add in another order than that for a batch.
func rows(t testing.TB, c Case) {
	if c.MixesRows {
		t.Skip("the layer mixes rows")
	}
	st, b := nn.NewStore(1), c.inputs(c.Input[0])
	together := build[float64](t, c, st, b).result(t)
	width := len(together) / c.Input[0]
	for r := range c.Input[0] {
		for i, v := range build[float64](t, c, st, b.row(r)).result(t) {
			if w := together[r*width+i]; math.Abs(v-w) > 1e-12*max(1, math.Abs(w)) {
				t.Fatalf("row %d, element %d: %v alone, %v in the batch", r, i, v, w)
			}
		}
	}
}

func replicas(t testing.TB, c Case) {
	st := nn.NewStore(1)
	programs := make([]*program[float32], 3)
	for i := range programs { // one after the other: only runs may be side by side
		programs[i] = build[float32](t, c, st, c.inputs(c.Input[0]))
	}
	grads := make([][]float32, len(programs))
	failures := make(chan error)
	for i, p := range programs {
		go func() {
			var err error
			for run := 0; run < 5 && err == nil; run++ {
				grads[i], err = p.gradients(p.wrt)
			}
			failures <- errors.WithMessagef(err, "replica %d", i)
		}()
	}
	for range programs {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
	for i := range programs {
		if !slices.Equal(grads[i], grads[0]) {
			t.Errorf("replica %d differs from replica 0", i)
		}
	}
}

func shared[T op.Float](t testing.TB, c Case) {
	b := c.inputs(c.Input[0])
	separate := build[T](t, c, nn.NewStore(1), b)
	others := map[string]*program[T]{
		"shared memory":                buildWith[T](t, c, nn.NewStore(1), b, op.SharedMemory, true),
		"shared memory, no gradients":  buildWith[T](t, c, nn.NewStore(1), b, op.SharedMemory, false),
		"given-up memory, overwritten": buildWith[T](t, c, nn.NewStore(1), b, op.HostileMemory, true),
	}
	for range 2 { // the second run finds what the first left in memory
		want, wantGrads := separate.result(t), separate.lastGradients(t)
		for plan, p := range others {
			if !same(want, p.result(t)) {
				t.Fatalf("%v: another result with %s", op.DtypeOf[T](), plan)
			}
			if grads := p.lastGradients(t); grads != nil && !same(wantGrads, grads) {
				t.Fatalf("%v: other gradients with %s", op.DtypeOf[T](), plan)
			}
		}
	}
}

// same compares to the last bit, NaN included.
func same[T op.Float](a, b []T) bool {
	return slices.EqualFunc(a, b, func(v, w T) bool { return v == w || v != v && w != w })
}

// memory allows what the machine allocates for each node, which does not depend on sizes.
func memory(t testing.TB, c Case) {
	const times = 16
	st := nn.NewStore(1)
	few, many := c.inputs(c.Input[0]), c.inputs(times*c.Input[0])
	small, large := build[float64](t, c, st, few).allocated(t), build[float64](t, c, st, many).allocated(t)
	grown := uint64(many.values.MemSize() - few.values.MemSize())
	if !raced && large > small+grown/4+512 {
		t.Errorf("a run allocates %d bytes, for a batch %d times as large %d; the input grew by %d",
			small, times, large, grown)
	}
}
