package vit_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

// twoSteps trains a model on four images and returns the loss of the second step, or the error of the run.
func twoSteps(t *testing.T, name string, pixels []float32) (float32, error) {
	t.Helper()
	cfg, err := vit.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	model, err := vit.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	st := nn.NewStore(1)
	var scope *nn.Scope
	var loss *G.Node
	program, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		x := G.NewTensor(g, tensor.Float32, 4, G.WithShape(4, 1, 32, 32), G.WithName("x"),
			G.WithValue(tensor.New(tensor.WithShape(4, 1, 32, 32), tensor.WithBacking(pixels))))
		y := G.NewVector(g, tensor.Float32, G.WithShape(4), G.WithName("y"),
			G.WithValue(tensor.New(tensor.WithShape(4), tensor.WithBacking([]float32{1, 4, 7, 9}))))
		scope = nn.NewScope(g, st)
		logits, err := model.Forward(scope, x)
		if err != nil {
			return op.Outputs{}, err
		}
		loss, err = losses.CrossEntropy{}.Mean(logits, y)
		return op.Outputs{Cost: loss, WRT: scope.Params()}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	opt, err := optimizers.DefaultAdamW().New(1e-3)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := program.Run(); err != nil {
			return 0, err
		}
		if err := opt.Update(train.Gradients(scope), optimizers.Constant{}.At(0, 1)); err != nil {
			return 0, err // it refuses a gradient that is not finite
		}
	}
	return loss.Value().Data().(float32), nil
}

func TestOddPixelsTrain(t *testing.T) {
	for _, name := range []string{"hqvit-s", "hqvit-paper", "vit-s", "hqvit-m"} {
		for what, change := range map[string]func(pixels []float32){
			"an all-zero image":  func(p []float32) { clear(p[1024:2048]) },
			"an all-zero patch":  func(p []float32) { zeroPatch(p[2048:3072]) },
			"pixels of 1e-30":    func(p []float32) { scale(p[:1024], 1e-30) },
			"pixels of 1e30":     func(p []float32) { scale(p[3072:], 1e30) },
			"all images of zero": func(p []float32) { clear(p) },
		} {
			pixels := randomPixels()
			change(pixels)
			loss, err := twoSteps(t, name, pixels)
			if err != nil || math.IsNaN(float64(loss)) || math.IsInf(float64(loss), 0) {
				t.Errorf("%s, %s: loss %v, error %v", name, what, loss, err)
			}
		}
	}
}

func TestNaNPixelNamesTheImage(t *testing.T) {
	pixels := randomPixels()
	pixels[2*1024+77] = float32(math.NaN())
	_, err := twoSteps(t, "hqvit-paper", pixels)
	var row *op.RowError
	if !errors.As(err, &row) || row.Row != 2 {
		t.Errorf("got %v, want an error in row 2, the image", err)
	}
}

func randomPixels() []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	p := make([]float32, 4*1024)
	for i := range p {
		p[i] = r.Float32()
	}
	return p
}

func scale(p []float32, c float32) {
	for i := range p {
		p[i] *= c
	}
}

// zeroPatch blackens the patch at row 1, column 2 of an image in patches of 8.
func zeroPatch(image []float32) {
	for y := 8; y < 16; y++ {
		clear(image[y*32+16 : y*32+24])
	}
}
