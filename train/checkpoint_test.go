package train

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/train/rundir"
)

var ownRun = map[string]string{"seed": "1"}

// oneCheckpoint is the file of a checkpoint.
func oneCheckpoint(t testing.TB) string {
	t.Helper()
	weights := func(v float32) rundir.Tensors {
		return rundir.Tensors{"w": tensor.New(tensor.WithShape(2, 3),
			tensor.WithBacking([]float32{v, 1, 2, 3, 4, 5}))}
	}
	c := rundir.Checkpoint{
		Identity: ownRun,
		Position: position{Epoch: 1, Step: 2, Best: 0, History: []Epoch{{}}},
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
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c, err := readCheckpoint(path, ownRun)
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
			"weights":    func() error { _, err := rundir.ReadWeights(path); return err },
			"checkpoint": func() error { _, err := readCheckpoint(path, ownRun); return err },
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
