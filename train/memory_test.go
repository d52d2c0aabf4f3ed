package train

import (
	"runtime"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
)

// started returns a run that is ready for its first step.
func started(t testing.TB, l Loop) *run[float32] {
	t.Helper()
	s, err := l.prepare()
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRun(s, newTeam[float32](nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	r.enter()
	return r
}

func heapAfterGC() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what finalizers of the first let go of
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// After 1,000 steps the heap is that of after 100, to 5 %.
func TestHeapDoesNotGrowWithSteps(t *testing.T) {
	if testing.Short() {
		t.Skip("1,000 steps")
	}
	split := data.Split{Shape: data.Shape{Height: 16, Width: 16, Channels: 1}, Images: make([]uint8, 64*256),
		Labels: make([]int, 64)}
	for i := range split.Images {
		split.Images[i] = uint8(i * 7)
	}
	planes, err := data.Transform{Size: 16}.Apply(split)
	if err != nil {
		t.Fatal(err)
	}
	recipe := DefaultRecipe()
	recipe.Epochs, recipe.Batch, recipe.Micro = 1<<20, 16, 4
	r := started(t, Loop{
		Model: nn.Chain{
			nn.Patches{Size: 4}, nn.LayerNorm{}, nn.Attention{Heads: 2, Score: nn.DotProduct}, nn.Flatten{},
			nn.Linear{Out: 4},
		},
		Train: Images{Images: planes}, Recipe: recipe, Threads: 2,
	})
	var early uint64
	for step := 1; step <= 1000; step++ {
		if _, err := r.engine.do(); err != nil {
			t.Fatal(err)
		}
		if step == 100 {
			early = heapAfterGC()
		}
	}
	if late := heapAfterGC(); float64(late) > 1.05*float64(early) {
		t.Errorf("heap %d after 100 steps, %d after 1,000", early, late)
	}
}

// Results between the layers of a graph that evaluates take turns in memory, so that it is the weights alone
// that a deeper model adds.
func TestMemoryOfAGraphThatEvaluatesDoesNotGrowWithDepth(t *testing.T) {
	const micro, tokens, width, hidden = 64, 64, 64, 256
	of := func(depth int) (bytes, weights int) {
		model := nn.Chain{nn.Patches{Size: 4}, nn.Linear{Out: width}}
		for range depth {
			model = append(model, nn.Residual{Layer: nn.Chain{nn.LayerNorm{}, nn.MLP{Hidden: hidden}}})
		}
		model = append(model, nn.Flatten{}, nn.Linear{Out: 4})
		st, before := nn.NewStore(1), heapAfterGC()
		r, err := newReplica[float32](plan{forward: forwardOf(model), loss: losses.CrossEntropy{},
			micro: micro, spec: ImageSpec(1, 32)}, st)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.program.Run(); err != nil {
			t.Fatal(err)
		}
		bytes = int(heapAfterGC() - before)
		runtime.KeepAlive(r)
		return bytes, 4 * st.Count()
	}
	shallow, few := of(2)
	deep, many := of(12)
	// of one block, and less than half of what all its nodes hold
	const activation = 4 * micro * tokens * (width + hidden)
	if grown := deep - shallow - (many - few); grown > activation/4 {
		t.Errorf("10 more blocks take %d bytes beside their weights; what one block computes takes %d",
			grown, activation)
	}
	if shallow > 4*activation {
		t.Errorf("2 blocks take %d bytes, more than four times the %d of the largest results of one",
			shallow, activation)
	}
}
