package vit

import (
	"cmp"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
)

// rivals returns the published attentions: docs/attentions.md has what each computes, what of it was guessed
// and what it would cost.
func rivals() []Score {
	quantum := func(name, source, help string, fields any, score func(ScoreOptions) nn.Score) Score {
		return Score{Name: name, Source: source, Help: help, Circuits: true, Fields: fields, New: score}
	}
	ansatz := func(usual string, s Score) Score {
		s.Ansatz, s.Usual = true, usual
		return s
	}
	// exact is for what has no circuits of Config.Layers that can be run from shots.
	exact := func(name, source, help string, fields any, score func(fields any) nn.Score) Score {
		return Score{Name: name, Source: source, Help: help, Fields: fields,
			New: func(o ScoreOptions) nn.Score { return score(o.Fields) }}
	}
	return []Score{
		quantum("qsann", "arXiv:2205.05625", "−(q_i − k_j)² of one measured ⟨Z⟩ each, Gaussian projected attention",
			qsannFields{Encoding: angles, Qubits: 4}, func(o ScoreOptions) nn.Score {
				f := o.Fields.(qsannFields)
				return qlayer.QSANN{Encoder: f.Encoding.encoder(), Qubits: f.Qubits, Depth: f.Depth,
					Layers: o.Layers, Values: f.Values, All: f.All, Shots: o.Shots}.Score
			}),
		quantum("z-distance", "arXiv:2402.00776", "−(q_i − k_j)²/√n of measured ⟨Z⟩ behind RX, RY and rings of CX",
			zDistanceFields{Encoding: angles}, func(o ScoreOptions) nn.Score {
				f := o.Fields.(zDistanceFields)
				return qlayer.ZDistance{Encoder: f.Encoding.encoder(), Qubits: f.Qubits, Hadamard: f.Hadamard,
					Layers: o.Layers, Values: f.Values, All: f.All, Shots: o.Shots}.Score
			}),
		quantum("z-dot", "arXiv:2405.10284", "q_i·k_j/√n of the measured ⟨Z⟩ of all n qubits",
			zDotFields{Encoding: angles}, func(o ScoreOptions) nn.Score {
				f := o.Fields.(zDotFields)
				return qlayer.ZDot{Encoder: f.Encoding.encoder(), Qubits: f.Qubits, Layers: o.Layers,
					Values: f.Values, Shots: o.Shots}.Score
			}),
		ansatz("", quantum("qmsan", "arXiv:2403.02871", "tr(ρ_i σ_j) of mixed states: the overlap of some "+
			"of the qubits",
			qmsanFields{Encoding: amplitudes, Normalize: shares}, func(o ScoreOptions) nn.Score {
				f := o.Fields.(qmsanFields)
				return qlayer.QMSAN{Encoder: f.Encoding.encoder(), Query: o.Ansatz, Keep: f.Keep,
					Softmax: f.Normalize == softmax, Shots: o.Shots}.Score
			})),
		quantum("qksan", "arXiv:2308.13422", "the quantum kernel |⟨0|E(x_j)†U_k†U_q E(x_i)|0⟩|² of tokens "+
			"as angles",
			qksanFields{Encoding: angles, Normalize: softmax, Circuit: "he"}, func(o ScoreOptions) nn.Score {
				f := o.Fields.(qksanFields)
				return qlayer.QKSAN{Encoder: f.Encoding.encoder(), Qubits: f.Qubits, Layers: o.Layers,
					QAOA: f.Circuit == "qaoa", Shares: f.Normalize == shares, Shots: o.Shots}.Score
			}),
		ansatz("entangling", quantum("qcsam", "arXiv:2503.19002",
			"complex overlaps ⟨k_j|q_i⟩ that mix the states of values",
			qcsamFields{Encoding: amplitudes, Form: "complex"}, func(o ScoreOptions) nn.Score {
				f := o.Fields.(qcsamFields)
				form := map[string]qlayer.ComplexForm{"real": qlayer.ComplexReal,
					"modulus": qlayer.ComplexModulus}[f.Form]
				return qlayer.QCSAM{Encoder: f.Encoding.encoder(), Query: o.Ansatz, Form: form,
					Shots: o.Shots}.Score
			})),
		exact("rbs-patchwise", "arXiv:2209.08167", "no attention: each token gets an orthogonal layer of RBS gates",
			rbsFields{Form: "pyramid"}, func(fields any) nn.Score {
				f := fields.(rbsFields)
				return qlayer.RBSPatchwise{Form: f.form(), Squares: f.Squares}.Score
			}),
		exact("rbs-attention", "arXiv:2209.08167", "(x_iᵀWx_j)² of an orthogonal layer W of RBS gates",
			rbsValueFields{Form: "pyramid"}, func(fields any) nn.Score {
				f := fields.(rbsValueFields)
				return qlayer.RBSAttention{Form: f.form(), Values: f.Values, Squares: f.Squares}.Score
			}),
		exact("rbs-compound", "arXiv:2209.08167", "tokens and values mixed by minors of one layer of RBS gates",
			compoundFields{Form: "pyramid"}, func(fields any) nn.Score {
				f := fields.(compoundFields)
				return qlayer.RBSCompound{Form: rbsForms[f.Form], Squares: f.Squares}.Score
			}),
		exact("sinkhorn", "arXiv:2110.11773", "exp(q_i·k_j/√d) with rows and columns divided by their sums in turn",
			sinkhornFields{Iterations: 5}, func(fields any) nn.Score {
				return nn.Sinkhorn(fields.(sinkhornFields).Iterations)
			}),
		exact("qr", "arXiv:2504.16275", "U_ij² of the orthogonal factor of QKᵀ/√d = UR: doubly stochastic",
			nil, func(any) nn.Score { return nn.QR }),
		exact("qpsan", "arXiv:2605.25365", "Σ f(q_d, k_d) of joint measurements of two qubits, by their "+
			"closed form", qpsanFields{}, func(fields any) nn.Score {
			return qlayer.QPSAN{Elements: fields.(qpsanFields).Elements}.Score
		}),
		quantum("doubly-stochastic", "arXiv:2504.16275", "|U_ij|² of a circuit that QKᵀ/√d turns, as in QDSFormer",
			stochasticFields{Ancillas: 1}, func(o ScoreOptions) nn.Score {
				f := o.Fields.(stochasticFields)
				return qlayer.DoublyStochastic{Ancillas: f.Ancillas, Layers: f.Layers, Trained: f.Trained,
					Shots: o.Shots}.Score
			}),
	}
}

// encoding says how the values of a token become a state.
type encoding string

const (
	angles     encoding = "angles"     // of the score's own circuit
	amplitudes encoding = "amplitudes" // of ⌈log2 d⌉ qubits, scaled to unit norm
)

// encoder returns nil for angles, for which each score has an encoder of its own.
func (e encoding) encoder() qlayer.CircuitEncoder {
	if e == amplitudes {
		return qlayer.Amplitude{}
	}
	return nil
}

// normalize says how overlaps become coefficients.
type normalize string

const (
	softmax normalize = "softmax" // of a learned scale times them
	shares  normalize = "shares"  // each divided by the sum of its row
)

// The fields of the rivals' rows.
type (
	qsannFields struct {
		Encoding encoding `json:"encoding"`
		Qubits   int      `json:"qubits"`         // of an encoding by angles
		Depth    int      `json:"depth"`          // of the embedding; 0: as much as holds a token
		All      bool     `json:"all"`            // ⟨Z⟩ of all qubits, not of the first
		Values   bool     `json:"quantum_values"` // from a third circuit
	}
	zDistanceFields struct {
		Encoding encoding `json:"encoding"`
		Qubits   int      `json:"qubits"`   // of an encoding by angles; 0: 4, or the width of a head
		Hadamard bool     `json:"hadamard"` // in front of the angles, as in the paper's code
		All      bool     `json:"all"`
		Values   bool     `json:"quantum_values"`
	}
	zDotFields struct {
		Encoding encoding `json:"encoding"`
		Qubits   int      `json:"qubits"`
		Values   bool     `json:"quantum_values"`
	}
	qmsanFields struct {
		Encoding  encoding  `json:"encoding"`
		Keep      int       `json:"keep"` // qubits of the SWAP test; 0: half of them
		Normalize normalize `json:"normalize"`
	}
	qksanFields struct {
		Encoding  encoding  `json:"encoding"`
		Qubits    int       `json:"qubits"`
		Circuit   string    `json:"circuit"` // he or qaoa
		Normalize normalize `json:"normalize"`
	}
	qcsamFields struct {
		Encoding encoding `json:"encoding"`
		Form     string   `json:"form"` // complex, real or modulus
	}
	sinkhornFields struct {
		Iterations int `json:"iterations"` // odd
	}
	rbsFields struct {
		Form    string `json:"form"`    // pyramid, cross or butterfly
		Squares bool   `json:"squares"` // probabilities of outcomes in place of amplitudes
	}
	compoundFields rbsFields // without butterfly
	rbsValueFields struct {
		Form    string `json:"form"`
		Values  bool   `json:"quantum_values"` // from a second layer
		Squares bool   `json:"squares"`        // of these
	}
	qpsanFields struct {
		Elements int `json:"elements"` // of a head that are compared; 0: 16
	}
	stochasticFields struct {
		Ancillas int  `json:"ancillas"`
		Layers   int  `json:"circuit_layers"` // 0: as many as take every element of QKᵀ once
		Trained  bool `json:"trained"`        // the factors of the angles
	}
)

// checkWord returns an error unless a field has one of some words.
func checkWord[T ~string](field string, got T, allowed ...T) error {
	if slices.Contains(allowed, got) {
		return nil
	}
	var names []string
	for _, word := range allowed {
		names = append(names, string(word))
	}
	return errors.Errorf("%s is %q%s, want %s", field, got, suggest.Among(string(got), names),
		words.List(names, "or"))
}

// checkNumber returns an error for a number below 0.
func checkNumber(field string, got int) error {
	if got < 0 {
		return errors.Errorf("%s is %d, want 0 or more", field, got)
	}
	return nil
}

// checkQubits returns an error for a number of qubits that no circuit has.
func checkQubits(got int) error {
	if got > circuit.MaxQubits {
		return errors.Errorf("qubits is %d, want at most %d, or 0 for the usual ones", got, circuit.MaxQubits)
	}
	return checkNumber("qubits", got)
}

func (e encoding) check() error { return checkWord("encoding", e, angles, amplitudes) }

func (n normalize) check() error { return checkWord("normalize", n, softmax, shares) }

func (f qsannFields) Check() error {
	return cmp.Or(f.Encoding.check(), checkQubits(f.Qubits), checkNumber("depth", f.Depth))
}

func (f zDistanceFields) Check() error {
	return cmp.Or(f.Encoding.check(), checkQubits(f.Qubits))
}

func (f zDotFields) Check() error {
	return cmp.Or(f.Encoding.check(), checkQubits(f.Qubits))
}

func (f qmsanFields) Check() error {
	return cmp.Or(f.Encoding.check(), checkNumber("keep", f.Keep), f.Normalize.check())
}

func (f qksanFields) Check() error {
	return cmp.Or(f.Encoding.check(), checkQubits(f.Qubits), f.Normalize.check(),
		checkWord("circuit", f.Circuit, "he", "qaoa"))
}

func (f sinkhornFields) Check() error {
	if f.Iterations < 1 || f.Iterations%2 == 0 {
		return errors.Errorf("iterations is %d, want an odd number: the last one is of rows", f.Iterations)
	}
	return nil
}

var rbsForms = map[string]qlayer.RBSForm{"pyramid": qlayer.PyramidForm, "cross": qlayer.CrossForm,
	"butterfly": qlayer.ButterflyForm}

func (f rbsFields) form() qlayer.RBSForm { return rbsForms[f.Form] }

func (f rbsFields) Check() error { return checkWord("form", f.Form, "pyramid", "cross", "butterfly") }

func (f compoundFields) Check() error { return checkWord("form", f.Form, "pyramid", "cross") }

func (f rbsValueFields) form() qlayer.RBSForm { return rbsForms[f.Form] }

func (f rbsValueFields) Check() error {
	if f.Squares && !f.Values {
		return errors.New("squares are of quantum_values: want both, or none")
	}
	return checkWord("form", f.Form, "pyramid", "cross", "butterfly")
}

func (f qpsanFields) Check() error { return checkNumber("elements", f.Elements) }

func (f stochasticFields) Check() error {
	return cmp.Or(checkNumber("ancillas", f.Ancillas), checkNumber("circuit_layers", f.Layers))
}

func (f qcsamFields) Check() error {
	return cmp.Or(f.Encoding.check(), checkWord("form", f.Form, "complex", "real", "modulus"))
}
