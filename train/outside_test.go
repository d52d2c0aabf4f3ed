package train_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hqvit/hqvit/train/rundir"
)

// reader is what NumPy needs to read a safetensors file: eight bytes of length, a header of JSON, the values.
const reader = `
import json, struct, sys
import numpy as np
with open(sys.argv[1], "rb") as f:
    content = f.read()
(n,) = struct.unpack("<Q", content[:8])
header = json.loads(content[8:8+n])
meta = header.pop("__metadata__")
out = {}
for name, t in header.items():
    a, b = t["data_offsets"]
    v = np.frombuffer(content[8+n+a:8+n+b], {"F32": "<f4", "F64": "<f8"}[t["dtype"]]).reshape(t["shape"])
    out[name] = {"shape": list(v.shape), "sum": float(v.sum(dtype=np.float64)), "last": float(v.flat[-1])}
assert (8 + n) % 8 == 0, "values are not aligned"
print(json.dumps({"meta": meta, "tensors": out}))
`

// pythonWith returns a Python that has a module: that of the path, or that of the system.
func pythonWith(t *testing.T, module string) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import "+module).Run() == nil {
			return python
		}
	}
	t.Skipf("no python3 with %s", module)
	return ""
}

func TestNumPyReadsTheWeights(t *testing.T) {
	python := pythonWith(t, "numpy")
	k := task(t)
	k.Dir = t.TempDir()
	weights := mustRun(t, k).Weights
	cmd := exec.Command(python, "-c", reader, filepath.Join(k.Dir, rundir.WeightsFile))
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaint.String())
	}
	var got struct {
		Meta    map[string]string
		Tensors map[string]struct {
			Shape     []int
			Sum, Last float64
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Meta["architecture"] != "small" || len(got.Tensors) != len(weights.Tensors) {
		t.Errorf("metadata %v, %d tensors, want %d", got.Meta, len(got.Tensors), len(weights.Tensors))
	}
	for name, want := range weights.Tensors {
		v, sum := want.Float32s(), 0.0
		for _, x := range v {
			sum += float64(x)
		}
		if read := got.Tensors[name]; math.Abs(read.Sum-sum) > 1e-9 || read.Last != float64(v[len(v)-1]) ||
			len(read.Shape) != want.Dims() {
			t.Errorf("%s: NumPy reads %+v, want sum %v, last %v, shape %v",
				name, read, sum, v[len(v)-1], want.Shape())
		}
	}
}
