package train

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/vit"
)

// batched is a model with the images of a step and of a graph.
type batched struct {
	vit.Config
	Batch, Micro int
}

// stepper returns a run on images of noise, float32, one thread, two steps in.
func stepper(t testing.TB, c batched) *run[float32] {
	t.Helper()
	model, err := vit.New(c.Config)
	if err != nil {
		t.Fatal(err)
	}
	rows := 8 * c.Batch
	split := data.Split{Shape: data.Shape{Height: c.Image, Width: c.Image, Channels: c.Channels},
		Labels: make([]int, rows)}
	for i := range rows {
		split.Labels[i] = i % c.Classes
	}
	for i := range rows * split.Shape.Len() {
		split.Images = append(split.Images, uint8(i*i>>3))
	}
	planes, err := data.Transform{Size: c.Image}.Apply(split)
	if err != nil {
		t.Fatal(err)
	}
	recipe := DefaultRecipe()
	recipe.Epochs = 1 << 20
	recipe.Batch, recipe.Micro = c.Batch, c.Micro
	r := started(t, Loop{Model: model, Train: Images{Images: planes}, Recipe: recipe, Threads: 1})
	for range 2 {
		do(t, r)
	}
	return r
}

func do(t testing.TB, r *run[float32]) {
	if _, err := r.engine.do(); err != nil {
		t.Fatal(err)
	}
}

func named(t testing.TB, name string) batched {
	c, err := vit.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	batch, micro := vit.DefaultBatch(c)
	return batched{c, batch, micro}
}

// BenchmarkStep is a whole training step of the built-in models.
func BenchmarkStep(b *testing.B) {
	for _, name := range []string{"hqvit-s", "vit-s", "hqvit-m", "vit-m"} {
		b.Run(name, func(b *testing.B) { benchStep(b, named(b, name)) })
	}
}

func benchStep(b *testing.B, c batched) {
	r := stepper(b, c)
	_, flops, err := vit.Flops(c.Config, c.Micro)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		do(b, r)
	}
	seconds := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(float64(c.Batch)/seconds, "images/s")
	b.ReportMetric(float64(flops*c.Batch)/1e6, "Mflop/step")
}

// BenchmarkGrowth varies one size of the models of size m with two blocks at a time, for
// docs/peers/growth.py. Patches are of 4×4 pixels, so more tokens are more pixels; the MLP is twice as wide
// as the tokens; a step is one micro-batch of 16 images, or several in a larger batch.
func BenchmarkGrowth(b *testing.B) {
	for _, model := range []string{"hqvit", "vit"} {
		base := named(b, model+"-m")
		base.Depth, base.Batch = 2, base.Micro
		for _, of := range []struct {
			name   string
			values []int
			set    func(c *batched, x int)
		}{
			{"width", []int{16, 32, 64, 128, 256}, func(c *batched, x int) { c.Embed, c.Hidden = x, 2*x }},
			{"tokens", []int{16, 36, 64, 144, 256}, func(c *batched, x int) {
				for c.Image = c.Patch; c.Tokens() < x; {
					c.Image += c.Patch
				}
			}},
			{"depth", []int{1, 2, 4, 8}, func(c *batched, x int) { c.Depth = x }},
			{"batch", []int{1, 4, 16, 64, 256}, func(c *batched, x int) {
				c.Batch, c.Micro = x,
					min(x, c.Micro)
			}},
		} {
			for _, x := range of.values {
				c := base
				of.set(&c, x)
				b.Run(fmt.Sprintf("%s/%s=%d", model, of.name, x), func(b *testing.B) { benchStep(b, c) })
			}
		}
	}
}

// TestOurCodeAllocatesNothingInAStep, by the stacks of all allocations: those inside of an operation of ours
// or outside of Gorgonia's machine are ours.
func TestOurCodeAllocatesNothingInAStep(t *testing.T) {
	if raced {
		t.Skip("the race detector makes pools forget")
	}
	defer func(was int) { runtime.MemProfileRate = was }(runtime.MemProfileRate)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))  // every processor has a pool of its own
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties pools
	for _, name := range []string{"hqvit-s", "vit-s", "hqvit-m", "vit-m"} {
		runtime.MemProfileRate = 0
		r := stepper(t, named(t, name))
		const steps = 4
		before := allocations(t)
		do(t, r) // fills the pools again
		runtime.MemProfileRate = 1
		for range steps {
			do(t, r)
		}
		runtime.MemProfileRate = 0
		var machine, ours int64
		for stack, n := range allocations(t) {
			if n -= before[stack]; n == 0 {
				continue
			}
			if where := inOurs(stack); where == "" {
				machine += n
			} else if where != "test" {
				ours += n
				t.Logf("%s: %d allocations in %s", name, n, where)
			}
		}
		t.Logf("%s: a step allocates %d objects in Gorgonia's machine and %d in our code",
			name, machine/steps, ours/steps)
		if ours/steps > 0 { // less than one a step is a table of the runtime's that grows
			t.Errorf("%s: our code allocates %d objects a step", name, ours/steps)
		}
		if machine == 0 {
			t.Errorf("%s: no allocation in Gorgonia's machine: the profile is not read right", name)
		}
	}
}

// allocations returns the numbers of objects allocated so far, by stack.
func allocations(t *testing.T) map[[32]uintptr]int64 {
	t.Helper()
	runtime.GC() // the profile tells of what was before the last but one
	runtime.GC()
	records := make([]runtime.MemProfileRecord, 1<<14)
	n, ok := runtime.MemProfile(records, true)
	if !ok {
		t.Fatalf("%d places allocate, more than there is room for", n)
	}
	out := map[[32]uintptr]int64{}
	for _, r := range records[:n] {
		out[r.Stack0] += r.AllocObjects
	}
	return out
}

// inOurs returns our function nearest to an allocation; "" if that is inside of Gorgonia's machine and not of
// an operation, "test" if it is this file's.
func inOurs(stack [32]uintptr) string {
	n := 0
	for n < len(stack) && stack[n] != 0 {
		n++
	}
	frames := runtime.CallersFrames(stack[:n])
	for {
		f, more := frames.Next()
		switch {
		case strings.Contains(f.Function, "gorgonia.(*tapeMachine).runall"):
			return ""
		case strings.HasSuffix(f.File, "step_test.go"):
			return "test"
		case strings.HasPrefix(f.Function, "github.com/hqvit/hqvit/"):
			return f.Function
		case !more:
			return "test"
		}
	}
}
