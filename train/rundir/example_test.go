package rundir_test

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/train/rundir"
)

// Weights go through a safetensors file, which carries a digest of all that it holds: with one other byte it
// is refused.
func ExampleWeights() {
	dir, err := os.MkdirTemp("", "weights")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, rundir.WeightsFile)
	angles := tensor.New(tensor.WithShape(1, 3), tensor.WithBacking([]float64{0.5, -1, 2}))
	w := rundir.Weights{Meta: map[string]string{"model": "mine"}, Tensors: rundir.Tensors{"0.theta": angles}}
	if err := w.Save(path); err != nil {
		log.Fatal(err)
	}

	again, err := rundir.ReadWeights(path)
	if err != nil {
		log.Fatal(err)
	}
	theta := again.Tensors["0.theta"]
	fmt.Println(again.Meta["model"], theta.Shape(), theta.Float64s())

	content, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	content = bytes.Replace(content, []byte("mine"), []byte("nine"), 1)
	if err := os.WriteFile(path, content, 0o666); err != nil {
		log.Fatal(err)
	}
	_, err = rundir.ReadWeights(path)
	fmt.Println("damaged:", errors.Is(err, rundir.ErrDamaged))
	// Output:
	// mine (1, 3) [0.5 -1 2]
	// damaged: true
}
