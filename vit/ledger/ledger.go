package ledger

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/vit"
)

// Ledger is what one image of a model costs.
type Ledger struct {
	Shape
	Heads  int `json:"heads"` // of a block
	Blocks int `json:"blocks"`

	Qubits Qubits `json:"qubits"`
	Angles Angles `json:"angles"`

	Drawn       circuit.Resources `json:"drawn"` // the swap test of a head without preparation, as drawn
	Test        Gates             `json:"test"`  // the same in CX and one-qubit gates
	Preparation Gates             `json:"preparation"`
	Whole       Gates             `json:"whole"` // two preparations and the test: what one shot takes

	PairPreparation Gates `json:"pair_preparation"` // of one token alone
	PairWhole       Gates `json:"pair_whole"`

	Flops  Flops      `json:"flops"`
	Budget ShotBudget `json:"budget"`

	OverWidth  []Growth `json:"over_width"`  // d from 2 to 2^20, at the model's tokens
	OverTokens []Growth `json:"over_tokens"` // T from 1 to 2^20, at the model's width
}

// Qubits is what the qubits of the swap test of a head are for.
type Qubits struct {
	Total   int `json:"total"`
	Ancilla int `json:"ancilla"`
	Index   int `json:"index"` // of one of the two copies: which token
	Data    int `json:"data"`  // of one copy: its values
	Paper   int `json:"paper"` // 2·⌈log2(T·d)⌉ + 1
	Pair    int `json:"pair"`  // of the swap test of two tokens that are prepared alone
}

// Angles is how many angles a head has, and how many of them count.
type Angles struct {
	Query int `json:"query"`
	Key   int `json:"key"`
	// Alone is the Rank of U_q by itself, Effective the Rank of U_q†U_k, which is all that the coefficients
	// depend on; 0 beyond 8 data qubits.
	Alone     int `json:"alone"`
	Effective int `json:"effective"`
}

// Of returns the ledger of a transformer with the score swap, or frozen, whose circuits are those of swap. It
// returns an error for another model, for a Config that is not sound or too large to build, and for a
// Precision that is not above 0.
func Of(c vit.Config, p Precision) (*Ledger, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	if c.Score != "swap" && c.Score != "frozen" || !c.HasUsualAnsatz() {
		return nil, errors.Errorf("ledger: %s has no swap test of RealAmplitudes, "+
			"want a model with the score swap or frozen", c.Name())
	}
	c.Ansatz = "" // its name has no place in the models without circuits that are counted below
	l := Ledger{Shape: shapeOf(c), Heads: c.Heads, Blocks: c.Depth}
	if l.Width < 2 {
		return nil, errors.Errorf("ledger: heads of width %d, want at least 2", l.Width)
	}
	l.Qubits = Qubits{Total: l.Shape.qubits(), Ancilla: 1, Index: l.indexQubits(), Data: l.dataQubits(),
		Paper: 2*Shape{1, l.Tokens * l.Width, 1}.dataQubits() + 1, Pair: l.pair().qubits()}
	var err error
	if l.Angles, err = l.countAngles(); err != nil {
		return nil, err
	}
	if l.Flops, err = countFlops(c, buildable(c)); err != nil {
		return nil, err
	}
	if err := l.countCircuits(); err != nil {
		return nil, err
	}
	l.Budget = l.shotBudget(p)
	l.OverWidth, l.OverTokens = l.Shape.overWidth(p), l.Shape.overTokens(p)
	return &l, nil
}

func shapeOf(c vit.Config) Shape { return Shape{c.Tokens(), c.Width() / c.Heads, c.Layers} }

// countCircuits fills in the gates.
func (l *Ledger) countCircuits() (err error) {
	for _, c := range []struct {
		gates *Gates
		count func() (Gates, error)
	}{
		{&l.Test, func() (Gates, error) { return l.countSwapTest(false) }},
		{&l.Whole, func() (Gates, error) { return l.countSwapTest(true) }},
		{&l.PairWhole, func() (Gates, error) { return l.pair().countSwapTest(true) }},
		{&l.Preparation, l.countPreparation},
		{&l.PairPreparation, l.pair().countPreparation},
	} {
		if *c.gates, err = c.count(); err != nil {
			return err
		}
	}
	// Without a preparation the index qubits are idle, so gates and depth are those of a pair.
	shown := l.Shape
	if l.Shape.qubits() > circuit.MaxQubits {
		shown = l.pair()
	}
	u := shown.ansatz(0)
	drawn := circuit.SwapTest(nil, shown.Tokens, shown.Width, u, u)
	if err := drawn.Err(); err != nil {
		return err
	}
	l.Drawn = drawn.Resources()
	l.Drawn.Qubits = l.Qubits.Total
	return nil
}

// countAngles counts the angles of a head.
func (s Shape) countAngles() (a Angles, err error) {
	q := s.ansatz(0)
	k := s.ansatz(q.NumTheta())
	a = Angles{Query: q.NumTheta(), Key: k.NumTheta() - q.NumTheta()}
	if s.dataQubits() > maxRank {
		return a, q.Err()
	}
	if a.Alone, err = Rank(q); err == nil {
		a.Effective, err = Rank(k.Compose(q.Adjoint()))
	}
	return a, err
}
