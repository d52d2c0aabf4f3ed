package nn

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/op"
)

// Scope is a place in one graph and in one Store: a layer finds there, by relative names, the parameters it wants, whether the graph trains,
// and the random stream; and it leaves there what others may want to look at.
//
// A Scope belongs to its graph and, like it, to one goroutine.
type Scope struct {
	path  string
	graph *graphState
}

// graphState is what all Scopes of one graph share.
type graphState struct {
	graph    *G.ExprGraph
	store    *Store
	training bool
	params   G.Nodes // leaves of trained parameters, in the order of asking
	asked    []asked // all parameters, in that order
	random   *RandomSource
	taps     []Tap
	notes    []Note
	figures  []Figure
}

// asked is a parameter of the graph with the Scope that asked for it, and the name it has there.
type asked struct {
	path, name string
	param      *Param
}

// NewScope returns the root Scope of a graph, in training mode.
func NewScope(g *G.ExprGraph, st *Store) *Scope {
	return &Scope{graph: &graphState{graph: g, store: st, training: true, random: &RandomSource{seed: st.seed}}}
}

// NewEvalScope returns the root Scope of a graph that evaluates: Dropout passes everything.
func NewEvalScope(g *G.ExprGraph, st *Store) *Scope {
	s := NewScope(g, st)
	s.graph.training = false
	return s
}

// Sub returns the Scope of a part: its names are prefixed by "name."; for an empty name, the Scope itself.
func (s *Scope) Sub(name string) *Scope {
	if name == "" {
		return s
	}
	return &Scope{path: s.join(name), graph: s.graph}
}

// Path returns the Scope's own name, "" for the root.
func (s *Scope) Path() string { return s.path }

// Graph returns the graph that layers add their nodes to.
func (s *Scope) Graph() *G.ExprGraph { return s.graph.graph }

// Training reports whether the graph is built to be trained.
func (s *Scope) Training() bool { return s.graph.training }

// Random returns the source of random numbers of the graph.
func (s *Scope) Random() *RandomSource { return s.graph.random }

// Param returns the leaf of the parameter with that relative name, made by spec if the Store does not have it yet. The leaf of a frozen
// parameter comes behind op.StopGradient.
//
// It returns an error if the Store has it with another shape or dtype, or if this graph already uses the name: two layers in one Scope
// would silently share their weights.
func (s *Scope) Param(name string, spec ParamSpec) (*G.Node, error) {
	full := s.join(name)
	if slices.ContainsFunc(s.graph.asked, func(a asked) bool { return a.param.Name == full }) {
		return nil, errors.Errorf("nn: parameter %s is used twice in one graph; give each layer a Scope of its own (Scope.Sub)", full)
	}
	p, err := s.graph.store.param(full, spec)
	if err != nil {
		return nil, err
	}
	s.graph.asked = append(s.graph.asked, asked{s.path, name, p})
	leaf := G.NewTensor(s.graph.graph, spec.Dtype, spec.Shape.Dims(), G.WithShape(spec.Shape...), G.WithName(full), G.WithValue(p.header()))
	if p.Frozen {
		return op.StopGradient(leaf)
	}
	s.graph.params = append(s.graph.params, leaf)
	return leaf, nil
}

// Params returns the leaves of all trained parameters of the graph, whatever Scope asked for them, in the order of asking: what to
// differentiate by.
func (s *Scope) Params() G.Nodes { return append(G.Nodes{}, s.graph.params...) }

// Trained returns the Store's parameters behind Params, in the same order.
func (s *Scope) Trained() []*Param {
	trained := make([]*Param, 0, len(s.graph.params))
	for _, a := range s.graph.asked {
		if !a.param.Frozen {
			trained = append(trained, a.param)
		}
	}
	return trained
}

// Tap is a node that a layer offers for looking at.
type Tap struct {
	Name string // path of the layer, then what it is
	Kind TapKind
	Node *G.Node
}

// TapKind says how to read a Tap.
type TapKind int

const (
	// TapAttention is (B, H, T, T): row i of a head is the distribution of token i over the tokens it attends to.
	TapAttention TapKind = iota
	// TapValue is any tensor worth a line in the metrics, such as a learned scale.
	TapValue
)

// Tap offers a node for looking at, under a relative name.
func (s *Scope) Tap(name string, kind TapKind, n *G.Node) {
	s.graph.taps = append(s.graph.taps, Tap{s.join(name), kind, n})
}

// Taps returns all that was offered in the graph.
func (s *Scope) Taps() []Tap { return append([]Tap{}, s.graph.taps...) }

// Note is a counted fact of a layer, such as its qubits.
type Note struct {
	Path  string // of the layer
	Key   string
	Count int
}

// Note leaves a fact for summaries, e.g. Note("qubits", 21).
func (s *Scope) Note(key string, count int) {
	s.graph.notes = append(s.graph.notes, Note{s.path, key, count})
}

// Notes returns all facts that were left in the graph.
func (s *Scope) Notes() []Note { return append([]Note{}, s.graph.notes...) }

// Figure is something of a layer to be shown that is neither a node nor a number, such as a circuit. Who shows it knows its type.
type Figure struct {
	Path  string // of the layer
	Value any
}

// Figure leaves something to be shown.
func (s *Scope) Figure(value any) {
	s.graph.figures = append(s.graph.figures, Figure{s.path, value})
}

// Figures returns all that was left to be shown in the graph, in the order of its layers.
func (s *Scope) Figures() []Figure { return append([]Figure{}, s.graph.figures...) }

func (s *Scope) join(name string) string {
	if s.path == "" {
		return name
	}
	return s.path + "." + name
}
