package rundir_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train/rundir"
)

const classes = 3

// small and mlp are models with parameters of several shapes.
func small() nn.Layer {
	return nn.Chain{nn.Patches{Size: 4}, nn.Linear{Out: 8}, nn.LayerNorm{}, nn.Flatten{},
		nn.Linear{Out: classes}}
}

func mlp() nn.Layer {
	return nn.Chain{nn.Flatten{}, nn.Linear{Out: 8}, nn.GELU{}, nn.Linear{Out: classes}}
}

// modelStore returns the Store of a new model of some seed.
func modelStore(t testing.TB, seed uint64, layer nn.Layer, dtype tensor.Dtype) *nn.Store {
	t.Helper()
	st := nn.NewStore(seed)
	g := G.NewGraph()
	images := G.NewTensor(g, dtype, 4, G.WithShape(2, 1, 8, 8), G.WithName("images"))
	if _, err := layer.Forward(nn.NewScope(g, st), images); err != nil {
		t.Fatal(err)
	}
	return st
}

func TestWeightsGoThroughAFile(t *testing.T) {
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		from, to := modelStore(t, 1, small(), dtype), modelStore(t, 2, small(), dtype)
		path := filepath.Join(t.TempDir(), "w.safetensors")
		if err := rundir.WeightsOf(from, map[string]string{"k": "v"}).Save(path); err != nil {
			t.Fatal(err)
		}
		w, err := rundir.ReadWeights(path)
		if err != nil {
			t.Fatal(err)
		}
		if w.Meta["k"] != "v" {
			t.Errorf("metadata %v", w.Meta)
		}
		if err := w.CopyTo(to); err != nil {
			t.Fatal(err)
		}
		for _, p := range from.Params() {
			got, want := to.Param(p.Name).Values(), p.Values()
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("%v %s[%d] is %v, want %v", dtype, p.Name, i, got[i], want[i])
				}
			}
		}
	}
}

func TestWeightsOfAnotherModel(t *testing.T) {
	w := rundir.WeightsOf(modelStore(t, 1, small(), tensor.Float32), nil)
	for want, st := range map[string]*nn.Store{
		"is missing":              modelStore(t, 1, nn.Chain{small(), nn.Linear{Out: 3}}, tensor.Float32),
		"the model has no":        modelStore(t, 1, nn.Flatten{}, tensor.Float32),
		"the model wants float64": modelStore(t, 1, small(), tensor.Float64),
	} {
		before := rundir.WeightsOf(st, nil)
		if err := w.CopyTo(st); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if err := before.CopyTo(st); err != nil {
			t.Errorf("a refused copy changed the Store: %v", err)
		}
	}
}

// Whatever bytes a file holds, reading it gives weights or an error; a file that is cut off anywhere gives an
// error.
func FuzzReadWeights(f *testing.F) {
	path := filepath.Join(f.TempDir(), "w.safetensors")
	if err := rundir.WeightsOf(modelStore(f, 1, mlp(), tensor.Float32),
		map[string]string{"a": "b"}).Save(path); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	for _, n := range []int{0, 7, 8, 9, 100, len(whole) - 1, len(whole)} {
		f.Add(whole[:n])
	}
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\x7f{}"))
	f.Add([]byte("\x40\x00\x00\x00\x00\x00\x00\x00" +
		`{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}} `))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := rundir.ReadWeights(path)
		if err == nil && len(content) < len(whole) && strings.HasPrefix(string(whole), string(content)) {
			t.Errorf("%d of %d bytes are read as weights %v", len(content), len(whole), w)
		}
	})
}

// A file that cannot be replaced stays as it is, and nothing is left beside it.
func TestFailedSaveKeepsTheOlderFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "w")
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := rundir.WeightsOf(modelStore(t, 1, mlp(), tensor.Float32), nil).Save(path); err == nil ||
		!strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names %s", err, path)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWeightsThatCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w")
	for name, w := range map[string]*rundir.Weights{
		"nil":        nil,
		"nil tensor": {Tensors: rundir.Tensors{"w": nil}},
		"integers":   {Tensors: rundir.Tensors{"w": tensor.New(tensor.WithBacking([]int{1, 2}))}},
	} {
		if err := w.Save(path); err == nil {
			t.Errorf("%s: saved", name)
		}
		if _, err := w.Digest(); err == nil {
			t.Errorf("%s: has a digest", name)
		}
		if err := w.CopyTo(modelStore(t, 1, mlp(), tensor.Float32)); err == nil {
			t.Errorf("%s: copied to a model", name)
		}
	}
	if err := rundir.WeightsOf(nil, nil).CopyTo(nil); err == nil {
		t.Error("copied to no Store")
	}
}
