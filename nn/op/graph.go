package op

import (
	"runtime"
	"sync"
	"weak"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
)

// identity tells a node from every other node of its graph.
type identity struct {
	number uint32 // counts the nodes of the graph, so runs of one program repeat
	salt   uint32
}

// counters holds, for every live graph, the identity that was given last.
var counters = struct {
	sync.Mutex
	last map[weak.Pointer[G.ExprGraph]]identity
}{last: map[weak.Pointer[G.ExprGraph]]identity{}}

func nextID(g *G.ExprGraph) identity {
	counters.Lock()
	defer counters.Unlock()
	p := weak.Make(g)
	id, known := counters.last[p]
	if !known {
		forgetWhenGone(g, p)
	}
	id.number++
	counters.last[p] = id
	return id
}

func setSalt(g *G.ExprGraph, salt uint32) {
	counters.Lock()
	defer counters.Unlock()
	p := weak.Make(g)
	forgetWhenGone(g, p)
	counters.last[p] = identity{salt: salt}
}

// forgetWhenGone keeps a program that builds many graphs from growing.
func forgetWhenGone(g *G.ExprGraph, p weak.Pointer[G.ExprGraph]) {
	runtime.AddCleanup(g, func(p weak.Pointer[G.ExprGraph]) {
		counters.Lock()
		defer counters.Unlock()
		delete(counters.last, p)
	}, p)
}

// ErrHashCollision is the cause of the error that Grad and Verify give for a graph in which two different nodes share gorgonia's 32-bit
// hash. Gorgonia's compiler would silently compute one of them for both. Build avoids it.
var ErrHashCollision = errors.New("two nodes of the graph share a hash")

// Build returns the graph that f fills. Gorgonia tells nodes apart by 32-bit hashes; should f (which differentiates by Grad, or ends by
// Verify) meet two nodes with one hash, Build calls it again on a fresh graph in which all hashes are others. So f must be ready to run
// more than once, and must take gradients by Grad.
//
// It returns f's error, or, after 8 graphs that all had a collision, ErrHashCollision.
func Build(f func(g *G.ExprGraph) error) (*G.ExprGraph, error) {
	var err error
	for salt := uint32(0); salt < 8; salt++ {
		g := G.NewGraph()
		if salt > 0 {
			setSalt(g, salt)
		}
		if err = f(g); err == nil {
			err = Verify(g)
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

// Verify returns nil if all nodes of g have different hashes, and an error with cause ErrHashCollision that names two nodes otherwise.
func Verify(g *G.ExprGraph) error {
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

// Grad returns the nodes of ∂cost/∂wrt, as gorgonia.Grad does, for a scalar cost and leaves of its graph; and it checks what gorgonia does
// not.
//
// It returns an error if the graph was differentiated before (gorgonia would silently return the older gradients), if a wrt does not
// influence the cost by a differentiable way, for a second-order gradient (cause ErrSecondOrder), and if the finished graph has two nodes
// with one hash (cause ErrHashCollision).
func Grad(cost *G.Node, wrt ...*G.Node) (G.Nodes, error) {
	if cost == nil || !cost.IsScalar() {
		return nil, errors.Errorf("op: Grad: want a scalar cost, got %v", cost)
	}
	if len(wrt) == 0 {
		return nil, errors.New("op: Grad: nothing to differentiate by")
	}
	if dependsOnGradient(cost, map[*G.Node]bool{}) {
		return nil, errors.Wrap(ErrSecondOrder, "op: Grad: the cost depends on a gradient")
	}
	for _, n := range cost.Graph().AllNodes() {
		if n.Deriv() != nil {
			return nil, errors.New("op: Grad: this graph was differentiated before; build one graph for each cost")
		}
	}
	grads, err := G.Grad(cost, wrt...)
	if err != nil {
		return nil, errors.WithMessage(err, "op: Grad")
	}
	return grads, Verify(cost.Graph())
}

// needsGrad reports whether a gradient to n can be wanted: n is a leaf that may be a parameter, or depends on one without a Stop between.
func needsGrad(n *G.Node) bool {
	if n.Op() == nil {
		return true
	}
	if f, ok := n.Op().(interface{ anyWanted() bool }); ok {
		return f.anyWanted()
	}
	for _, child := range children(n) { // a constant of gorgonia's has none
		if needsGrad(child) {
			return true
		}
	}
	return false
}

func dependsOnGradient(n *G.Node, seen map[*G.Node]bool) bool {
	if seen[n] {
		return false
	}
	seen[n] = true
	if len(n.DerivOf()) > 0 {
		return true
	}
	for _, child := range children(n) {
		if dependsOnGradient(child, seen) {
			return true
		}
	}
	return false
}

func children(n *G.Node) G.Nodes {
	var nodes G.Nodes
	for it := n.Graph().From(n.ID()); it.Next(); {
		nodes = append(nodes, it.Node().(*G.Node))
	}
	return nodes
}

func (f *forward[T]) anyWanted() bool {
	for _, w := range f.wanted {
		if w {
			return true
		}
	}
	return false
}
