package main

import (
	"math/rand/v2"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
	training "github.com/hqvit/hqvit/train"
)

// result is what a training run shows.
type result struct {
	accuracy float64 // on 4,000 fresh samples
	loss     float64 // of the last step
	scale    float32 // the learned scale of the attention logits, 0 where there is none
}

// program is the graph of one batch with its machine.
type program struct {
	machine G.VM
	scope   *nn.Scope
	x, y    []float32 // memory of the inputs
	logits  *G.Node
	loss    *G.Node
}

func build(layer nn.Layer, st *nn.Store) (*program, error) {
	p := &program{x: make([]float32, batch*tokens*width), y: make([]float32, batch)}
	g, err := op.Build(func(g *G.ExprGraph) error {
		x := G.NewTensor(g, tensor.Float32, 3, G.WithName("x"), G.WithShape(batch, tokens, width),
			G.WithValue(tensor.New(tensor.WithShape(batch, tokens, width), tensor.WithBacking(p.x))))
		y := G.NewVector(g, tensor.Float32, G.WithName("y"), G.WithShape(batch), G.WithValue(tensor.New(tensor.WithShape(batch), tensor.WithBacking(p.y))))
		p.scope = nn.NewScope(g, st)
		constant, err := op.StopGradient(x) // the samples need no gradient
		if err != nil {
			return err
		}
		if p.logits, err = layer.Forward(p.scope, constant); err != nil {
			return err
		}
		if p.loss, err = (losses.CrossEntropy{}).Mean(p.logits, y); err != nil {
			return err
		}
		_, err = op.Grad(p.loss, p.scope.Params()...)
		return err
	})
	if err != nil {
		return nil, err
	}
	p.machine = G.NewTapeMachine(g)
	return p, nil
}

// train teaches a fresh model for some steps and tests it on samples it has not seen.
func train(layer nn.Layer, steps int, seed uint64) (result, error) {
	st := nn.NewStore(seed)
	p, err := build(layer, st)
	if err != nil {
		return result{}, err
	}
	defer p.machine.Close()
	opt, err := optimizers.AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}.New(3e-3)
	if err != nil {
		return result{}, err
	}
	samples := rand.New(rand.NewPCG(seed, 5))
	var r result
	for step := range steps {
		draw(samples, p.x, p.y)
		if err := p.run(); err != nil {
			return result{}, err
		}
		if err := opt.Update(training.Gradients(p.scope), optimizers.DefaultOneCycle().At(step, steps)); err != nil {
			return result{}, err
		}
		r.loss = float64(p.loss.Value().Data().(float32))
	}
	if r.accuracy, err = p.test(samples, 4000); err != nil {
		return result{}, err
	}
	if scale := st.Param("0.attn.scale"); scale != nil {
		r.scale = scale.Value.Float32s()[0]
	}
	return r, nil
}

func (p *program) run() error {
	p.machine.Reset()
	return p.machine.RunAll()
}

// test returns the share of right answers among n samples, rounded up to whole batches.
func (p *program) test(samples *rand.Rand, n int) (float64, error) {
	right, seen := 0, 0
	for seen < n {
		draw(samples, p.x, p.y)
		if err := p.run(); err != nil {
			return 0, err
		}
		logits, err := op.Elements[float32](p.logits.Value())
		if err != nil {
			return 0, err
		}
		for i, label := range p.y {
			best := 0
			for c, v := range logits[i*classes : (i+1)*classes] {
				if v > logits[i*classes+best] {
					best = c
				}
			}
			if best == int(label) {
				right++
			}
		}
		seen += batch
	}
	return float64(right) / float64(seen), nil
}
