package vit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// New returns the model of a Config: a layer from images (B, C, S, S), sequences (B, T, F) or vectors (B, F)
// to logits or values (B, classes).
//
// HQViT, the score swap, has the attention coefficients softmax(s·T²·|<q_i|k_j>|²) of quantum queries q_i =
// U_q x_i and keys k_j = U_k x_j, where the x_i are the patches of the whole image as one amplitude-encoded
// state, and s is a learned scale of each head. U_q and U_k are Layers times RY on every qubit and a ring
// of CX. The ViT, the score dot, has softmax(q_i·k_j/√(D/H)) of linear queries and keys. All else is the
// same.
//
// Differentiable in its parameters; images get no gradient (put layers of nn together yourself where that is
// wanted). It returns an error if the Config is not sound (Config.Check).
func New(c Config) (nn.Layer, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if a, ok := c.FindArchitecture(); ok {
		return a.newLayer(c)
	}
	e := Encoder{Config: c.clone()}
	if c.Model == Transformer {
		row, err := c.FindScore()
		if err != nil {
			return nil, err
		}
		score, err := c.newScore(row)
		if err != nil {
			return nil, err
		}
		e.Attention = nn.Attention{Heads: c.Heads, Score: score}
	}
	return e, nil
}

// Encoder is the backbone that all models share: a stem, patches, blocks of attention and MLP, pooling, a
// classifier. A CNN is the stem and the classifier, a LogReg the classifier alone. New fills in the
// attention that the Config names; a custom one goes into Attention, and Heads, Score and Layers are not
// read.
type Encoder struct {
	Config
	Attention nn.Layer // (B, T, D) -> (B, T, D)
}

// Forward returns the logits or values (B, classes) of examples (B, …), which have the shape of InputShape.
// It returns an error if they have another one, or if the Config is not sound.
func (e Encoder) Forward(s *nn.Scope, examples *G.Node) (*G.Node, error) {
	if err := e.check(s, examples); err != nil {
		return nil, err
	}
	x, err := op.StopGradient(examples)
	if err != nil {
		return nil, err
	}
	for _, stage := range e.stages() {
		if x, err = stage.layer.Forward(s.Sub(stage.name), x); err != nil {
			return nil, errors.WithMessage(err, "vit")
		}
	}
	return x, nil
}

type stage struct {
	name  string // of its parameters
	layer nn.Layer
}

// stages returns the model from the examples to the logits.
func (e Encoder) stages() []stage {
	stages := []stage{{"stem", e.stem()}} // (B, C', S', S')
	if e.Model == Transformer {
		stages = append(stages,
			stage{"", e.tokens()},         // (B, T, D)
			stage{"blocks", e.blocks()},   // (B, T, D)
			stage{"norm", nn.LayerNorm{}}, // (B, T, D)
		)
	}
	return append(stages,
		stage{"", e.pooling()},                   // (B, T·D) or (B, D)
		stage{"head", nn.Linear{Out: e.Classes}}, // (B, classes)
	)
}

func (e Encoder) check(s *nn.Scope, examples *G.Node) error {
	if s == nil || examples == nil {
		return errors.New("vit: no scope or no examples, want both")
	}
	if err := e.checkBackbone(); err != nil {
		return err
	}
	if e.Model == Transformer && e.Attention == nil {
		return errors.New("vit: Encoder: no Attention, want a layer (B, T, D) -> (B, T, D), or use New")
	}
	if sh, want := examples.Shape(), e.InputShape(); sh.Dims() < 2 || !slices.Equal(sh[1:], want) {
		return errors.Errorf("vit: examples of shape %v, want (B, %s), for %s", sh,
			strings.Trim(fmt.Sprint([]int(want)), "[]"), e.InputText())
	}
	return nil
}

// tokens makes tokens of an example: the patches of a picture or the steps of a sequence, raw or in a linear
// embedding, or the features of a vector, each in one of its own; with or without a position code.
//
// No token is added where there is no power of two of them. A quantum score has a register that could number
// more; the states beyond have the amplitude 0, so that they occur in no test and the softmax never sees
// them.
func (e Encoder) tokens() nn.Layer {
	return nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
		err := error(nil)
		if e.Pictures() {
			x, err = nn.Patches{Size: e.Patch}.Forward(s, x)
		}
		switch {
		case err != nil:
		case !e.Pictures() && e.Steps == 0:
			x, err = nn.FeatureTokens{Width: e.Embed}.Forward(s.Sub("embed"), x)
		case e.Embed > 0:
			x, err = nn.Linear{Out: e.Embed}.Forward(s.Sub("embed"), x)
		}
		if err == nil && e.Position {
			x, err = nn.Position{}.Forward(s, x)
		}
		return x, err
	})
}

// blocks are Depth of Block, one after the other.
func (e Encoder) blocks() nn.Layer {
	chain := make(nn.Chain, e.Depth)
	for i := range chain {
		chain[i] = Block{
			Attention: e.Attention, Beside: e.beside(), Hidden: e.Hidden, NoAttentionNorm: e.NoAttentionNorm,
			LayerScale: e.LayerScale,
			Dropout:    e.Dropout, DropPath: e.DropPath * float64(i+1) / float64(e.Depth),
		}
	}
	return chain
}
