package op

import (
	"fmt"
	"hash"
	"hash/fnv"

	"github.com/chewxy/hm"
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// contract is what Gorgonia asks of every Op beside its computation: type, shape, identity and the flags that
// keep its machines from touching operands and results. Forward, backward, fetch and sum nodes embed it.
type contract struct {
	name  string
	id    identity
	typ   hm.Type
	arity int
	shape tensor.Shape

	operands G.Nodes
}

func newContract[T Float](name string, shape tensor.Shape, operands G.Nodes) contract {
	dt := DtypeOf[T]()
	types := make([]hm.Type, 0, len(operands)+1)
	for _, n := range operands {
		types = append(types, typeOf(dt, n.Dims()))
	}
	return contract{
		name:  name,
		id:    nextID(graphOf(operands)),
		typ:   hm.NewFnType(append(types, typeOf(dt, shape.Dims()))...),
		arity: len(operands),
		shape: shape.Clone(),

		operands: append(G.Nodes{}, operands...),
	}
}

func typeOf(dt tensor.Dtype, dims int) hm.Type {
	if dims == 0 {
		return dt
	}
	return G.TensorType{Dims: dims, Of: dt}
}

func (c *contract) Arity() int     { return c.arity }
func (c *contract) Type() hm.Type  { return c.typ }
func (c *contract) String() string { return c.name }

// InferShape gives a fresh copy each time: Gorgonia keeps and changes what it is given.
func (c *contract) InferShape(...G.DimSizer) (tensor.Shape, error) { return c.shape.Clone(), nil }

// These three flags make the TapeMachine call Do, never an in-place form, and never allocate for us.
func (c *contract) ReturnsPtr() bool     { return true }
func (c *contract) CallsExtern() bool    { return false }
func (c *contract) OverwritesInput() int { return -1 }

// WriteHash writes what makes this node differ from every other node of its graph. The id is local to the
// graph, so the same program builds the same hashes at every run.
func (c *contract) WriteHash(h hash.Hash) { fmt.Fprintf(h, "%s#%d+%d", c.name, c.id.number, c.id.salt) }

func (c *contract) Hashcode() uint32 {
	h := fnv.New32a()
	c.WriteHash(h)
	return h.Sum32()
}

// guard turns a panic of a kernel into an error: RunAll calls Do on a goroutine of its own, where nobody else
// could recover it.
func (c *contract) guard(err *error) {
	if r := recover(); r != nil {
		*err = errors.Errorf("op: %s: panic: %v", c.name, r)
		return
	}
	if *err != nil {
		*err = errors.Wrapf(*err, "op: %s", c.name)
	}
}
