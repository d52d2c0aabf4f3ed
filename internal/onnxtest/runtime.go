package onnxtest

import (
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// runtimeVariable names the environment variable that names a folder in which `npm install --ignore-scripts
// onnxruntime-node` was run.
const runtimeVariable = "HQVIT_ONNXRUNTIME"

// HasRuntime tells whether Runtime can be called.
func HasRuntime() bool { return os.Getenv(runtimeVariable) != "" }

// NeedRuntime skips a test that calls Runtime where that cannot be.
func NeedRuntime(t *testing.T) {
	t.Helper()
	if !HasRuntime() {
		t.Skipf("%s is not set: want a folder with node_modules/onnxruntime-node", runtimeVariable)
	}
}

// Runtime returns what ONNX Runtime makes of the input of a model: all outputs, one after the other.
func Runtime(t *testing.T, file []byte, x Tensor) []float64 {
	t.Helper()
	dir := t.TempDir()
	in, out, model := filepath.Join(dir, "in"), filepath.Join(dir, "out"), filepath.Join(dir, "model.onnx")
	var raw []byte
	for _, v := range x.Data {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(v)))
	}
	for path, content := range map[string][]byte{in: raw, model: file} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{filepath.Join(root(t), "docs", "peers", "onnx.mjs"), os.Getenv(runtimeVariable), "run",
		model, in, out}
	for _, n := range x.Shape {
		args = append(args, strconv.Itoa(n))
	}
	if text, err := exec.Command("node", args...).CombinedOutput(); err != nil {
		t.Fatalf("node: %v\n%s", err, text)
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var got []float64
	for ; len(raw) >= 4; raw = raw[4:] {
		got = append(got, float64(math.Float32frombits(binary.LittleEndian.Uint32(raw))))
	}
	return got
}

// root returns the root of the module.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	t.Fatalf("no go.mod above this folder: %v", err)
	return ""
}
