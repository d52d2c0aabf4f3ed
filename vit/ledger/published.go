package ledger

import (
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/vit"
)

// Published is what a published attention would take on a device for one image: its circuit is run anew for
// every token or pair of tokens, as its score says.
type Published struct {
	Score  string `json:"score"`
	Source string `json:"source"`
	Heads  int    `json:"heads"` // of a block
	Blocks int    `json:"blocks"`

	Circuit     Gates `json:"circuit"`     // one run of it, without preparations
	Preparation Gates `json:"preparation"` // of all registers that begin in amplitudes, for one run
	Loads       []int `json:"loads"`       // the qubits of these registers

	Angles     int     `json:"angles"`      // trained ones, of the whole model
	PerHead    int     `json:"per_head"`    // circuits of a head of an image
	Circuits   float64 `json:"circuits"`    // of an image
	EachShots  float64 `json:"each_shots"`  // of a circuit, for the absolute error of a number in [−1,1]
	Shots      float64 `json:"shots"`       // of an image
	ImageGates float64 `json:"image_gates"` // of all these shots
}

// OfPublished returns the ledger of a model with a published attention, by the circuit that its layers leave.
// It returns an error for another score, for one whose circuit is unknown or too large to build, for a Config
// that is not sound, and for a Precision that is not above 0.
func OfPublished(c vit.Config, p Precision) (*Published, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	score, err := scoreOf(c)
	if err != nil {
		return nil, err
	}
	if score.Source == "" {
		return nil, errors.Errorf("ledger: %s has no published attention, want a model with one, such as "+
			"hqvit:qsann", c.Name())
	}
	f, st, err := circuitOf(c)
	if err != nil {
		return nil, err
	}
	l := &Published{Score: c.Score, Source: score.Source, Heads: c.Heads, Blocks: c.Depth, Loads: f.Loads,
		Angles: st.Count("quantum"), PerHead: max(1, f.Runs), EachShots: shotsFor(0, p.Absolute)}
	bound := f.Circuit.Bind(generic(f.Circuit.NumTheta()), generic(f.Circuit.NumData()))
	if l.Circuit, err = countGates(bound); err != nil {
		return nil, err
	}
	qubits, inTurn := 0, 0
	for _, m := range f.Loads {
		g := preparationGates(m)
		qubits += m
		inTurn += g.Depth
		l.Preparation.CX += g.CX
		l.Preparation.OneQubit += g.OneQubit
		l.Preparation.Depth = max(l.Preparation.Depth, g.Depth)
		l.Preparation.Formula = true
	}
	if l.Preparation.Qubits = qubits; qubits > l.Circuit.Qubits { // one register holds them one after the other
		l.Preparation.Qubits, l.Preparation.Depth = l.Circuit.Qubits, inTurn
	}
	l.Circuits = float64(l.PerHead) * float64(l.Heads) * float64(l.Blocks)
	l.Shots = l.Circuits * l.EachShots
	l.ImageGates = math.Round(l.Shots * float64(l.Circuit.Total()+l.Preparation.Total()))
	return l, nil
}

// HeadShots returns how many shots one head takes for one image, so that each number that its circuits
// measure, in [−1,1], has at most the standard error e: 1/e² for each circuit. A published attention has as
// many circuits as its score says, a score of the ladder one for each pair of tokens; in the form of the whole
// image these take as many shots together.
//
// It returns an error for a model without circuits or with circuits that are not known or too large to build,
// for a Config that is not sound, and for an e that is not above 0.
func HeadShots(c vit.Config, e float64) (float64, error) {
	if err := (Precision{Absolute: e, Relative: e}).check(); err != nil {
		return 0, err
	}
	score, err := scoreOf(c)
	if err != nil {
		return 0, err
	}
	if score.Source == "" && score.Circuits {
		return float64(c.Tokens()) * float64(c.Tokens()) * shotsFor(0, e), nil
	}
	f, _, err := circuitOf(c)
	if err != nil {
		return 0, err
	}
	return float64(max(1, f.Runs)) * shotsFor(0, e), nil
}

// scoreOf returns the score of a sound Config of a transformer.
func scoreOf(c vit.Config) (vit.Score, error) {
	if err := c.Check(); err != nil {
		return vit.Score{}, err
	}
	if c.Model != vit.Transformer {
		return vit.Score{}, errors.Errorf("ledger: a %s has no attention, want a %s", c.Model, vit.Transformer)
	}
	return c.FindScore()
}

// circuitOf returns the circuit that the attention of the first block leaves, and the parameters of the model.
func circuitOf(c vit.Config) (qlayer.Figure, *nn.Store, error) {
	st := nn.NewStore(0)
	_, s, err := vit.Graph(c.Exact(), st, 1)
	if err != nil {
		return qlayer.Figure{}, nil, err
	}
	figures := qlayer.Figures(s)
	if len(figures) == 0 {
		return qlayer.Figure{}, nil, errors.Errorf("ledger: score %s has no circuit that can be counted: it is "+
			"classical, its circuit is not known, or it would have too many qubits", c.Score)
	}
	return figures[0], st, nil
}
