package nn

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/op"
)

// Scope is a place in one graph and in one Store: a layer finds there, by relative names, the parameters it
// wants, whether the graph trains, and the random stream; and it leaves there what others may want to look
// at.
//
// A Scope belongs to its graph and, like it, to one goroutine. Without a graph or a Store, as a nil Scope is,
// it has no parameters: Param returns an error.
type Scope struct {
	path  string
	graph *graphState
}

// graphState is what all Scopes of one graph share.
type graphState struct {
	graph    *G.ExprGraph
	store    *Store
	training bool
	asked    []asked // parameters, in the order of asking
	random   *RandomSource
	taps     []Tap
	notes    []Note
	figures  []Figure
}

// asked is a parameter of the graph with the Scope that asked for it, and the name it has there.
type asked struct {
	path, name string
	frozen     bool
	leaf       Leaf
}

// Leaf is a parameter of a Store in a graph: Node is the leaf by which the graph reads it, and by which the
// graph is differentiated.
type Leaf struct {
	*Param
	Node *G.Node
}

// NewScope returns the root Scope of a graph, in training mode.
func NewScope(g *G.ExprGraph, st *Store) *Scope {
	random := &RandomSource{}
	if st != nil {
		random.seed = st.seed
	}
	return &Scope{graph: &graphState{graph: g, store: st, training: true, random: random}}
}

// NewEvalScope returns the root Scope of a graph that evaluates: Dropout passes everything.
func NewEvalScope(g *G.ExprGraph, st *Store) *Scope {
	s := NewScope(g, st)
	s.graph.training = false
	return s
}

// state returns what the Scopes of the graph share; something empty for a Scope that NewScope did not make.
func (s *Scope) state() *graphState {
	if s == nil || s.graph == nil {
		return &graphState{random: &RandomSource{}}
	}
	return s.graph
}

// Sub returns the Scope of a part: its names are prefixed by "name."; for an empty name, the Scope itself.
func (s *Scope) Sub(name string) *Scope {
	if s == nil || name == "" {
		return s
	}
	return &Scope{path: s.join(name), graph: s.graph}
}

// Path returns the Scope's own name, "" for the root.
func (s *Scope) Path() string {
	if s == nil {
		return ""
	}
	return s.path
}

// Graph returns the graph that layers add their nodes to.
func (s *Scope) Graph() *G.ExprGraph { return s.state().graph }

// Training reports whether the graph is built to be trained.
func (s *Scope) Training() bool { return s.state().training }

// Random returns the source of random numbers of the graph.
func (s *Scope) Random() *RandomSource { return s.state().random }

// Param returns the leaf of the parameter with that relative name, made by spec if the Store does not have it
// yet. For a spec that is Frozen it is the leaf behind op.StopGradient.
//
// It returns an error if the Store has it with another shape, dtype, NoDecay or Group, if it has no name or
// more than op.MaxElements, or if this graph already uses the name: two layers in one Scope would silently
// share their weights.
func (s *Scope) Param(name string, spec ParamSpec) (*G.Node, error) {
	g, full := s.state(), s.join(name)
	if g.graph == nil || g.store == nil {
		return nil, errors.Errorf("nn: parameter %s: the Scope has no graph or no Store; NewScope takes both",
			full)
	}
	if name == "" {
		return nil, errors.Errorf("nn: a parameter of the Scope %q has no name", s.Path())
	}
	if slices.ContainsFunc(g.asked, func(a asked) bool { return a.leaf.Name == full }) {
		return nil, errors.Errorf("nn: parameter %s is used twice in one graph; give each layer a Scope.Sub",
			full)
	}
	p, err := g.store.param(full, spec)
	if err != nil {
		return nil, err
	}
	value := p.header()
	node := G.NewTensor(g.graph, spec.Dtype, spec.Shape.Dims(), G.WithShape(spec.Shape...), G.WithName(full),
		G.WithValue(value))
	if node.Value() != G.Value(value) { // Gorgonia keeps one leaf of a name and shape
		return nil, errors.Errorf("nn: parameter %s: the graph has another leaf of that name", full)
	}
	g.asked = append(g.asked, asked{s.Path(), name, spec.Frozen, Leaf{p, node}})
	if spec.Frozen {
		return op.StopGradient(node)
	}
	return node, nil
}

// Trained returns the parameters that the graph trains with their leaves, whatever Scope asked for them, in
// the order of asking.
func (s *Scope) Trained() []Leaf {
	var leaves []Leaf
	for _, a := range s.state().asked {
		if !a.frozen {
			leaves = append(leaves, a.leaf)
		}
	}
	return leaves
}

// Params returns the leaves of Trained: what to differentiate by.
func (s *Scope) Params() G.Nodes {
	var nodes G.Nodes
	for _, leaf := range s.Trained() {
		nodes = append(nodes, leaf.Node)
	}
	return nodes
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
	// TapAttention is (B, H, T, T): row i of a head is the distribution of token i over the tokens it attends
	// to.
	TapAttention TapKind = iota
	// TapValue is any tensor worth a line in the metrics, such as a learned scale.
	TapValue
	// TapTokens is (B, T, D): the tokens that an attention gets, whose TapAttention comes next.
	TapTokens
)

// Tap offers a node for looking at, under a relative name. A nil node is not offered.
func (s *Scope) Tap(name string, kind TapKind, n *G.Node) {
	if n == nil {
		return
	}
	g := s.state()
	g.taps = append(g.taps, Tap{s.join(name), kind, n})
}

// Taps returns all that was offered in the graph.
func (s *Scope) Taps() []Tap { return append([]Tap{}, s.state().taps...) }

// Note is a counted fact of a layer, such as its qubits.
type Note struct {
	Path  string // of the layer
	Key   string
	Count int
}

// Note leaves a fact for summaries, e.g. Note("qubits", 21).
func (s *Scope) Note(key string, count int) {
	g := s.state()
	g.notes = append(g.notes, Note{s.Path(), key, count})
}

// Notes returns all facts that were left in the graph.
func (s *Scope) Notes() []Note { return append([]Note{}, s.state().notes...) }

// Figure is something of a layer to be shown that is neither a node nor a number, such as a circuit. Who
// shows it knows its type.
type Figure struct {
	Path  string // of the layer
	Value any
}

// Figure leaves something to be shown.
func (s *Scope) Figure(value any) {
	g := s.state()
	g.figures = append(g.figures, Figure{s.Path(), value})
}

// Figures returns all that was left to be shown in the graph, in the order of its layers.
func (s *Scope) Figures() []Figure { return append([]Figure{}, s.state().figures...) }

func (s *Scope) join(name string) string {
	if s.Path() == "" {
		return name
	}
	return s.path + "." + name
}
