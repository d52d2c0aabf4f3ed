package readme

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/onnxtest"
	"github.com/hqvit/hqvit/trained"
)

// exports lets a program write a run as an ONNX file, and compares what a plain interpreter makes of a
// picture with what the program says of it.
func exports(t *testing.T, dir, program, run, path string) {
	t.Helper()
	command(t, dir, program, "export", run, "own.onnx", "--probabilities")
	file, err := os.ReadFile(filepath.Join(dir, "own.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	model, err := onnxtest.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := data.OpenPicture(path)
	if err != nil {
		t.Fatal(err)
	}
	split, err := picture.Split(data.Shape{Height: 28, Width: 28, Channels: 1}, false)
	if err != nil {
		t.Fatal(err)
	}
	image := onnxtest.Tensor{Shape: []int{1, 1, 28, 28}}
	for _, v := range split.Images {
		image.Data = append(image.Data, float64(float32(v)/255))
	}
	out, err := model.Run(map[string]onnxtest.Tensor{"image": image})
	if err != nil {
		t.Fatal(err)
	}
	var said struct{ Classes []trained.Ranked }
	text := command(t, dir, program, "predict", run, path, "--json", "--top", "10", "--invert", "never")
	if err := json.Unmarshal([]byte(text), &said); err != nil || len(said.Classes) != 10 {
		t.Fatalf("%q: %v", text, err)
	}
	probabilities := out["probabilities"].Data
	for _, c := range said.Classes {
		digit := c.Class[0] - '0' // the classes of MNIST are in the order of the digits
		if got := probabilities[digit]; math.Abs(got-c.Probability) > 1e-5 {
			t.Errorf("%s has probability %v in ONNX, %v in predict", c.Class, got, c.Probability)
		}
	}
}
