package train

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
)

var (
	ownRun    = map[string]string{"seed": "1"}
	ownExtent = extent{epochs: 3, steps: 5, examples: 20, averaged: true}
)

// oneCheckpoint is the file of a checkpoint.
func oneCheckpoint(t testing.TB) string {
	t.Helper()
	weights := func(v float32) rundir.Tensors {
		return rundir.Tensors{"w": tensor.New(tensor.WithShape(2, 3),
			tensor.WithBacking([]float32{v, 1, 2, 3, 4, 5}))}
	}
	c := rundir.Checkpoint{
		Identity: ownRun,
		Position: position{Epoch: 1, Step: 2, Best: 0, History: []Epoch{{Epoch: 1}}, Sums: sums{Steps: 2,
			Rows: 9},
			First: 3, Updates: 7, Kernels: []string{"generic"}},
		Groups: map[string]rundir.Tensors{
			modelGroup: weights(0), bestGroup: weights(1), averageGroup: weights(2),
			optimizerGroup: {"m.w": weights(3)["w"]},
		},
	}
	path := filepath.Join(t.TempDir(), rundir.CheckpointFile)
	if err := c.Save(path); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Whatever a file says, reading it gives a checkpoint of the run, or one line of error, and takes no more
// memory than a multiple of it.
func FuzzCheckpoint(f *testing.F) {
	whole := oneCheckpoint(f)
	f.Add([]byte(whole))
	f.Add([]byte(whole[:len(whole)-1]))
	f.Add([]byte(strings.Replace(whole, `\"Best\":0`, `\"Best\":9`, 1)))
	f.Add([]byte(strings.Replace(whole, `model.w`, `m_del.w`, 1)))
	f.Add([]byte(strings.Replace(whole, `[2,3]`, `[3,3]`, 1)))
	path := filepath.Join(f.TempDir(), rundir.CheckpointFile)
	f.Fuzz(func(t *testing.T, content []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c, err := parseCheckpoint(path, content, ownRun, ownExtent)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > uint64(1<<20+64*len(content)) {
			t.Errorf("%d bytes allocated for a file of %d", n, len(content))
		}
		if err == nil && (c.Best >= len(c.History) || c.Epoch < 0 || c.weights(modelGroup) == nil) {
			t.Errorf("a checkpoint at epoch %d, best %d of %d", c.Epoch, c.Best, len(c.History))
		}
	})
}

// A header that promises a gigabyte, of tensors or of itself, is refused without the memory.
func TestLyingWeightsTakeNoMemory(t *testing.T) {
	for name, content := range map[string]string{
		"tensor of 1 GiB": "\x5a\x00\x00\x00\x00\x00\x00\x00" +
			padded(`{"w":{"dtype":"F32","shape":[268435456],"data_offsets":[0,1073741824]}}`, 0x5a),
		"header of 1 GiB": "\x00\x00\x00\x40\x00\x00\x00\x00{}",
		"header of 2^63":  "\xff\xff\xff\xff\xff\xff\xff\x7f{}",
		"shape overflows": "\x6a\x00\x00\x00\x00\x00\x00\x00" +
			padded(`{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0x6a),
	} {
		path := filepath.Join(t.TempDir(), "w")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		for reader, read := range map[string]func() error{
			"weights": func() error { _, err := rundir.ReadWeights(path); return err },
			"checkpoint": func() error {
				_, err := parseCheckpoint(path, []byte(content), ownRun,
					ownExtent)
				return err
			},
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := read()
			runtime.ReadMemStats(&after)
			if err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s, %s: error %v, want one line", name, reader, err)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
				t.Errorf("%s, %s: %d bytes allocated for a file of %d", name, reader, n, len(content))
			}
		}
	}
}

func padded(s string, n int) string { return s + strings.Repeat(" ", n-len(s)) }

// A position whose parts do not fit each other is refused, whatever the file's digest says.
func TestPositionsAreCheckedAgainstEachOther(t *testing.T) {
	sound := position{Epoch: 1, Step: 2, History: []Epoch{{Epoch: 1}}, Sums: sums{Steps: 2, Rows: 9},
		First:   3,
		Updates: 7}
	if err := sound.check(ownExtent); err != nil {
		t.Fatal(err)
	}
	if err := (position{Best: -1, First: metric.None()}).check(ownExtent); err != nil {
		t.Fatalf("at the beginning: %v", err)
	}
	for name, change := range map[string]func(p *position){
		"epoch beyond the run":   func(p *position) { p.Epoch = 4 },
		"negative epoch":         func(p *position) { p.Epoch = -1 },
		"step beyond the epoch":  func(p *position) { p.Step = 6 },
		"step after the end":     func(p *position) { p.Epoch, p.History = 3, make([]Epoch, 3) },
		"another epoch":          func(p *position) { p.Epoch = 2 },
		"history is too long":    func(p *position) { p.History = append(p.History, Epoch{Epoch: 2}) },
		"history out of order":   func(p *position) { p.History = []Epoch{{Epoch: 2}} },
		"no best epoch":          func(p *position) { p.Best = -1 },
		"best epoch to come":     func(p *position) { p.Best = 1 },
		"sums of another step":   func(p *position) { p.Sums.Steps = 3 },
		"sums of no example":     func(p *position) { p.Sums.Rows = 0 },
		"more rows than data":    func(p *position) { p.Sums.Rows = 21 },
		"too few updates":        func(p *position) { p.Updates = 6 },
		"too many, and stopped":  func(p *position) { p.Updates, p.Skipped = 8, -1 },
		"updates without a loss": func(p *position) { p.First = metric.None() },
	} {
		p := sound
		p.History = append([]Epoch{}, sound.History...)
		change(&p)
		if p.check(ownExtent) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
