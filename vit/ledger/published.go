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
	if err := c.Check(); err != nil {
		return nil, err
	}
	score, err := c.FindScore()
	if err != nil || c.Model != vit.Transformer || score.Source == "" {
		return nil, errors.Errorf("ledger: %s has no published attention, want a model with one, such as "+
			"hqvit:qsann", c.Name())
	}
	st := nn.NewStore(0)
	_, s, err := vit.Graph(c.Exact(), st, 1)
	if err != nil {
		return nil, err
	}
	figures := qlayer.Figures(s)
	if len(figures) == 0 {
		return nil, errors.Errorf("ledger: score %s has no circuit that can be counted: it is classical, "+
			"its circuit "+
			"is not known, or it would have too many qubits", c.Score)
	}
	f := figures[0]
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
