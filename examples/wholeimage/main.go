// Whole images: HQViT's circuit of a whole image beside a circuit for each pair of patches, with the same
// noise. A small model is trained exactly, on digits of 4 × 4 pixels, and its attention is measured by both.
//
//	go run ./examples/wholeimage          # how much more the circuit of the whole image suffers
//	go run ./examples/wholeimage -short   # a few steps, and one image
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/mitigate"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

// The model: 4 tokens of 4 pixels and one head, so that the circuit of an image has 9 qubits.
var config = vit.Config{Model: vit.Transformer, Image: 4, Channels: 1, Classes: 10, Patch: 2, Depth: 1,
	Hidden: 64, Heads: 1, Score: "swap", Layers: 2, NoAttentionNorm: true, Pooling: vit.PoolFlatten}

const tokens, width, layers = 4, 4, 2

func main() {
	short := flag.Bool("short", false, "a few steps only")
	flag.Parse()
	recipe, images := train.DefaultRecipe(), 20
	recipe.Epochs, recipe.Batch, recipe.Micro = 6, 128, 32
	if *short {
		recipe.Epochs, images = 1, 1
	}
	set, err := data.Load(context.Background(), "mnist", data.Options{})
	check(err)
	if *short {
		set.Train = set.Train.First(640)
	}
	training, validation, test := scaled(set.Train), scaled(set.Val), scaled(set.Test.First(images))
	store := nn.NewStore(recipe.Seed)
	task := train.Task{Loop: train.Loop{Model: model(qlayer.Swap{}.Score), Recipe: recipe, Store: store},
		Train: training, Val: validation}
	report, err := task.Run(context.Background())
	check(err)
	fmt.Printf("trained exactly: validation accuracy %.3f\n", float64(report.Best.Val.Accuracy))

	exact := coefficients(store, qlayer.Swap{}.Score, test)
	gates := wholeCircuit()
	fmt.Printf("the circuit of an image: %d qubits, %d gates, %d of them on two qubits; that of a pair: %d, %d, %d\n",
		gates.Qubits(), len(gates.Operations()), ofTwo(gates), 2, len(pairCircuit().Operations()),
		ofTwo(pairCircuit()))
	fmt.Println("error of the coefficients, to their spread:\np       mitigation  pair by pair  whole image")
	for _, p := range []float64{0.0003, 0.001, 0.003, 0.01} {
		for _, text := range []string{"", "zne=1,3"} {
			noise, err := circuit.ParseNoise(fmt.Sprintf("depolarizing=%g", p))
			check(err)
			plan, err := mitigate.Parse(text)
			check(err)
			pair := coefficients(store, qlayer.Swap{Noise: noise, Mitigation: plan}.Score, test)
			whole := coefficients(store, wholeImage(noise, plan), test)
			fmt.Printf("%-6g  %-10s  %-13.3g %.3g\n", p, text, from(pair, exact), from(whole, exact))
		}
	}
}

func scaled(s data.Split) *data.Images {
	images, err := data.Transform{Size: config.Image}.Apply(s)
	check(err)
	return images
}

func model(score nn.Score) nn.Layer {
	return vit.Encoder{Config: config, Attention: nn.Attention{Heads: config.Heads, Score: score}}
}

// wholeCircuit prepares an image in two registers and runs the SWAP test of all its pairs, in gates on up to
// two qubits: data are the angles of the preparation, theta those of query and key.
func wholeCircuit() *circuit.Circuit {
	u := qlayer.RealAmplitudes(layers)(2)
	image := circuit.Preparation(4)
	c := circuit.New(9).Append(image, 1, 2, 3, 4).Append(image, 5, 6, 7, 8).
		Append(circuit.SwapTest(nil, tokens, width, u, u), 0, 1, 2, 3, 4, 5, 6, 7, 8)
	c, err := c.Decompose(circuit.IntoParts(func(o circuit.Operation) bool { return len(o.AllQubits()) < 3 }))
	check(err)
	return c
}

// pairCircuit is what each pair runs.
func pairCircuit() *circuit.Circuit {
	u := qlayer.RealAmplitudes(layers)(2)
	back := circuit.Preparation(2).Compose(u).Adjoint()
	return circuit.Preparation(2).Compose(u).Append(back.OffsetParams(u.NumTheta(), 3))
}

func ofTwo(c *circuit.Circuit) (count int) {
	for _, o := range c.Operations() {
		if len(o.AllQubits()) > 1 {
			count++
		}
	}
	return count
}

// wholeImage is the score of qlayer.Swap with its parameters, as the noisy circuit of the whole image
// measures it: P(0,i,j) − P(1,i,j) of the ancilla and the two indices. It has no gradient for the image.
func wholeImage(noise circuit.Noise, plan mitigate.Plan) nn.Score {
	return func(s *nn.Scope, x *gorgonia.Node, heads int) (nn.AttentionScores, error) {
		none := nn.AttentionScores{}
		batch, p := x.Shape()[0], qlayer.RealAmplitudes(layers)(2).NumTheta()
		param := func(s *nn.Scope, name, group string, shape ...int) (*gorgonia.Node, error) {
			return s.Param(name, nn.ParamSpec{Shape: shape, Dtype: x.Dtype(), Init: nn.Constant(1), NoDecay: true,
				Group: group})
		}
		q, err := param(s.Sub("q"), "theta", "quantum", 1, p)
		if err != nil {
			return none, err
		}
		k, err := param(s.Sub("k"), "theta", "quantum", 1, p)
		if err != nil {
			return none, err
		}
		scale, err := param(s, "scale", "", heads)
		if err != nil {
			return none, err
		}
		theta, err := op.Apply(op.Kernel[float32]{Name: "Both", Shape: tensor.Shape{2 * p}, Constant: []int{0, 1},
			Reason: "it is only evaluated", Forward: func(out []float32, in [][]float32) error {
				copy(out[copy(out, in[0]):], in[1])
				return nil
			}}, q, k)
		if err != nil {
			return none, err
		}
		angles, err := op.Apply(op.Kernel[float32]{Name: "PreparationAngles",
			Shape:    tensor.Shape{batch, tokens*width - 1},
			Constant: []int{0}, Reason: "it is only evaluated", Forward: preparationAngles}, x)
		if err != nil {
			return none, err
		}
		noisy, err := noise.Apply(wholeCircuit())
		if err != nil {
			return none, err
		}
		outcomes, err := qops.MeasureNoisy(noisy, qops.Probabilities(0, 1, 2, 5, 6).Mitigated(plan),
			qops.Inputs{Theta: theta, Data: angles}) // (B, 32)
		if err != nil {
			return none, err
		}
		logits, err := op.Apply(op.Kernel[float32]{Name: "Logits", Shape: tensor.Shape{batch, 1, tokens, tokens},
			Constant: []int{0, 1}, Reason: "it is only evaluated",
			Forward: func(out []float32, in [][]float32) error {
				const pairs = tokens * tokens
				for i := range out {
					p := in[0][i/pairs*2*pairs+i%pairs:]
					out[i] = in[1][0] * pairs * (p[0] - p[pairs])
				}
				return nil
			}}, outcomes, scale)
		return nn.AttentionScores{Logits: logits}, err
	}
}

// preparationAngles sets the angles that prepare each image, of any norm.
func preparationAngles(out []float32, in [][]float32) error {
	const pixels = tokens * width
	state, turns := make([]float64, pixels), make([]float64, pixels-1)
	for row := range len(in[0]) / pixels {
		for i := range state {
			state[i] = float64(in[0][row*pixels+i])
		}
		if err := circuit.PreparationAngles(state, turns); err != nil {
			return err
		}
		for i, a := range turns {
			out[row*(pixels-1)+i] = float32(a)
		}
	}
	return nil
}

// coefficients returns the attention coefficients of images by a score.
func coefficients(store *nn.Store, score nn.Score, images *data.Images) (out []float64) {
	in := train.Images{Images: images}
	spec, err := in.Spec()
	check(err)
	p, err := train.NewPredictor(store, train.PredictorConfig{Model: model(score), Spec: spec, Micro: 1,
		Threads: 1})
	check(err)
	defer p.Close()
	for i := range images.Len() {
		a, err := p.Attention(context.Background(), in, i)
		check(err)
		out = append(out, a.Blocks[0].Coefficients...)
	}
	return out
}

// from returns the root mean square error of coefficients, to the deviation of the exact ones from even
// attention.
func from(got, exact []float64) float64 {
	off, spread := 0.0, 0.0
	for i, v := range exact {
		off += (got[i] - v) * (got[i] - v)
		spread += (v - 1./tokens) * (v - 1./tokens)
	}
	return math.Sqrt(off / spread)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
