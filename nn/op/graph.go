package op

import (
	"runtime"
	"sync"
	"weak"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/gorgonia"
)

// record is what this package knows of a graph that Gorgonia has no place for. Like the graph it belongs to
// one goroutine.
type record struct {
	id        identity // given last
	fusedSums bool     // gradFused differentiates it just now

	// gradient says of Gorgonia's own nodes whether a gradient to them can be wanted.
	gradient map[weak.Pointer[G.Node]]bool
}

// identity tells a node from every other node of its graph.
type identity struct {
	number uint32 // counts the nodes of the graph, so runs of one program repeat
	salt   uint32
}

// records holds the record of every live graph. It must not keep a graph alive: no record points to a node.
var records = struct {
	sync.Mutex
	byGraph map[weak.Pointer[G.ExprGraph]]*record
}{byGraph: map[weak.Pointer[G.ExprGraph]]*record{}}

func recordOf(g *G.ExprGraph) *record {
	records.Lock()
	defer records.Unlock()
	p := weak.Make(g)
	r := records.byGraph[p]
	if r == nil {
		r = &record{gradient: map[weak.Pointer[G.Node]]bool{}}
		records.byGraph[p] = r
		runtime.AddCleanup(g, forget, p) // a program that builds many graphs must not grow
	}
	return r
}

func forget(p weak.Pointer[G.ExprGraph]) {
	records.Lock()
	defer records.Unlock()
	delete(records.byGraph, p)
}

func nextID(g *G.ExprGraph) identity {
	r := recordOf(g)
	r.id.number++
	return r.id
}

// ErrHashCollision is the cause of the error that Grad and Build give for a graph in which two different
// nodes share Gorgonia's 32-bit hash. Gorgonia's compiler would silently compute one of them for both. Build
// avoids it.
var ErrHashCollision = errors.New("two nodes of the graph share a hash")

// Build returns the graph that f fills. Gorgonia tells nodes apart by 32-bit hashes; if f meets two nodes
// with one hash, Build calls it again on a fresh graph in which all hashes are different. So f must be ready
// to run more than once, and must take gradients by Grad. NewProgram calls it; by itself it is for a graph
// that is only looked at.
//
// It returns f's error, or, after 8 graphs that all had a collision, ErrHashCollision.
func Build(f func(g *G.ExprGraph) error) (*G.ExprGraph, error) {
	if f == nil {
		return nil, errors.New("op: Build: the function is nil")
	}
	var err error
	for salt := uint32(0); salt < 8; salt++ {
		g := G.NewGraph()
		recordOf(g).id.salt = salt
		if err = fill(g, f); err == nil {
			err = verify(g)
		}
		if err == nil {
			return g, nil
		}
		if !errors.Is(err, ErrHashCollision) {
			return nil, err
		}
	}
	return nil, errors.Wrap(err, "op: Build: 8 different salts")
}

// fill calls a function that fills a graph.
func fill(g *G.ExprGraph, f func(g *G.ExprGraph) error) (err error) {
	defer foreign.Recover(&err, "function that fills the graph", f)
	return f(g)
}

// verify returns nil if all nodes of g have different hashes. Otherwise it returns an error with cause
// ErrHashCollision that names two nodes.
func verify(g *G.ExprGraph) error {
	seen := make(map[uint32]*G.Node)
	for _, n := range g.AllNodes() {
		h := n.Hashcode()
		if other, ok := seen[h]; ok && other != n {
			return errors.Wrapf(ErrHashCollision, "op: %v and %v", other, n)
		}
		seen[h] = n
	}
	return nil
}

// Grad returns the nodes of ∂cost/∂wrt, as gorgonia.Grad does, for a scalar cost and leaves of its graph; and
// it checks what Gorgonia does not.
//
// It returns an error if the graph was differentiated before (Gorgonia would silently return the older
// gradients), if the cost does not depend on a wrt through a differentiable path, for a second-order gradient
// (cause ErrSecondOrder), and if the finished graph has two nodes with one hash (cause ErrHashCollision).
func Grad(cost *G.Node, wrt ...*G.Node) (G.Nodes, error) {
	if err := checkGrad(cost, wrt); err != nil {
		return nil, errors.WithMessage(err, "op: Grad")
	}
	grads, err := gorgonia.Grad(cost, wrt...)
	if err != nil {
		return nil, errors.WithMessage(err, "op: Grad")
	}
	return grads, verify(cost.Graph())
}

func checkGrad(cost *G.Node, wrt G.Nodes) error {
	if err := CheckNode(cost); err != nil {
		return errors.WithMessage(err, "cost")
	}
	if !cost.IsScalar() || cost.Graph() == nil {
		return errors.Errorf("want a scalar cost in a graph, got %v", cost)
	}
	if len(wrt) == 0 {
		return errors.New("nothing to differentiate by")
	}
	for i, n := range wrt {
		if n == nil || n.Graph() != cost.Graph() {
			return errors.Errorf("node %d to differentiate by is %v, want a leaf of the graph of the cost",
				i, n)
		}
	}
	if dependsOnGradient(cost) {
		return errors.Wrap(ErrSecondOrder, "the cost depends on a gradient")
	}
	for _, n := range cost.Graph().AllNodes() {
		if n.Deriv() != nil {
			return errors.New("this graph was differentiated before; build one graph for each cost")
		}
	}
	return nil
}

// needsGrad reports whether a gradient to n can be wanted: n is a leaf that may be a parameter, or depends on
// one without a StopGradient between. Gorgonia's own nodes may form a deep graph with exponentially many
// paths, so it is not recursive, and looks at each node once in the life of its graph.
func (r *record) needsGrad(n *G.Node) bool {
	for stack := (G.Nodes{n}); len(stack) > 0; {
		top := stack[len(stack)-1]
		if _, known := r.lookUp(top); !known {
			needed, unknown := r.lookAtOperands(top)
			if !needed && len(unknown) > 0 {
				stack = append(stack, unknown...)
				continue
			}
			r.gradient[weak.Make(top)] = needed
		}
		stack = stack[:len(stack)-1]
	}
	needed, _ := r.lookUp(n)
	return needed
}

// lookUp returns what is known of a node without a look at its operands.
func (r *record) lookUp(n *G.Node) (needed, known bool) {
	if n.Op() == nil {
		return true, true
	}
	if f, ours := n.Op().(interface{ anyWanted() bool }); ours {
		return f.anyWanted(), true
	}
	needed, known = r.gradient[weak.Make(n)]
	return needed, known
}

// lookAtOperands reports whether one of a node's operands is known to need a gradient, and which are not
// known.
func (r *record) lookAtOperands(n *G.Node) (needed bool, unknown G.Nodes) {
	for _, c := range gorgonia.Children(n) { // a constant has none
		need, known := r.lookUp(c)
		needed = needed || need
		if !known {
			unknown = append(unknown, c)
		}
	}
	return needed, unknown
}

// dependsOnGradient reports whether n is, or is computed from, a gradient of an earlier Grad.
func dependsOnGradient(n *G.Node) bool {
	seen := map[*G.Node]bool{n: true}
	for stack := (G.Nodes{n}); len(stack) > 0; {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if len(top.DerivOf()) > 0 {
			return true
		}
		for _, c := range gorgonia.Children(top) {
			if !seen[c] {
				seen[c] = true
				stack = append(stack, c)
			}
		}
	}
	return false
}
