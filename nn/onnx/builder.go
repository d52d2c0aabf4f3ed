package onnx

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/pkg/errors"
)

// The versions of the operator set that a Builder writes.
const (
	MinOpset     = 17
	MaxOpset     = 24
	DefaultOpset = 17
)

// Builder collects the operators of a model. A method that cannot write what it is asked for keeps the error
// for Err, and what comes after it has no effect; so a chain of calls needs one check at its end.
type Builder struct {
	opset, batch int

	inputs  []Value
	outputs []Value
	nodes   []*node
	written map[string]bool              // names of initializers and of what nodes give
	tensors []tensor                     // the initializers, in the order of their first use
	shared  map[[sha256.Size]byte]string // names of those that the Builder named, by content
	counts  map[string]int               // of the nodes, by operator
	label   string                       // what the nodes that follow are part of
	err     error
}

// Value is a tensor of the model: an input, what an operator gives, or a constant. The zero Value is none.
type Value struct {
	name  string
	shape []int
	data  []float64 // of a constant
}

// node is an operator at its place.
type node struct {
	op, name, label string
	in              []string
	out             string
	attributes      []attribute
}

// attribute is an integer, a float, a list of integers or a text.
type attribute struct {
	name  string
	value any // int, float32 or []int
}

// tensor is an initializer of numbers or, if floats is nil, of integers.
type tensor struct {
	name   string
	shape  []int
	floats []float64
	ints   []int
}

// NewBuilder returns a Builder for an operator set of that version; 0 means DefaultOpset.
//
// A model takes batches of any size, and a Builder is given one: a size of an axis that batch divides is
// written as that multiple of N. So batch is a prime number that divides no other size, and whoever calls
// NewBuilder writes the model for two such numbers and compares the files, as op.Export does. For a batch of
// 0 all sizes are fixed.
func NewBuilder(opset, batch int) *Builder {
	b := &Builder{opset: opset, batch: batch, written: map[string]bool{}, shared: map[[sha256.Size]byte]string{},
		counts: map[string]int{}}
	if opset == 0 {
		b.opset = DefaultOpset
	}
	if b.opset < MinOpset || b.opset > MaxOpset {
		b.Fail(errors.Errorf("want opset %d to %d, got %d", MinOpset, MaxOpset, opset))
	}
	return b
}

// Fail keeps the first error.
func (b *Builder) Fail(err error) {
	if b != nil && b.err == nil {
		b.err = err
	}
}

// guard makes an error of a panic in a method, which is given operands of too few axes or of none, or an axis
// that they do not have.
func (b *Builder) guard(method string) {
	if r := recover(); r != nil && b != nil {
		b.Fail(errors.Errorf("%s: the operands do not fit: %v", method, r))
	}
}

// Err returns the first error.
func (b *Builder) Err() error {
	if b == nil {
		return errors.New("the Builder is nil; NewBuilder makes one")
	}
	return b.err
}

// Label names what the operators that follow are part of, for errors.
func (b *Builder) Label(label string) {
	if b != nil {
		b.label = label
	}
}

// Shape returns the sizes of the axes, that of the batch as NewBuilder has it; nil for a scalar.
func (v Value) Shape() []int { return slices.Clone(v.shape) }

// Constant returns the numbers of a constant, row-major and not to be changed; false for any other value.
func (v Value) Constant() ([]float64, bool) { return v.data, v.data != nil }

// Input returns a new input of the model.
func (b *Builder) Input(name string, shape ...int) Value {
	defer b.guard("Input")
	v := Value{name: b.take(name), shape: slices.Clone(shape)}
	b.inputs = append(b.inputs, v)
	return v
}

// Output makes v an output of the model, by that name.
func (b *Builder) Output(name string, v Value) {
	defer b.guard("Output")
	if v.data == nil && v.name == "" {
		b.Fail(errors.Errorf("output %q is no value", name))
		return
	}
	isInput := slices.ContainsFunc(b.inputs, func(in Value) bool { return in.name == v.name })
	isOutput := slices.ContainsFunc(b.outputs, func(out Value) bool { return out.name == v.name })
	if v.data != nil || isInput || isOutput {
		v = b.add("Identity", v.shape, []Value{v})
	}
	old := v.name
	v.name = b.take(name)
	for _, n := range b.nodes {
		if n.out == old {
			n.out = v.name
		}
		for i := range n.in {
			if n.in[i] == old {
				n.in[i] = v.name
			}
		}
	}
	b.outputs = append(b.outputs, v)
}

// take reserves a name of the model.
func (b *Builder) take(name string) string {
	if name == "" || b.written[name] {
		b.Fail(errors.Errorf("the name %q is empty or taken: inputs, outputs and parameters need names of "+
			"their own",
			name))
	}
	b.written[name] = true
	return name
}

// Parameter returns a constant that keeps its name in the file.
func (b *Builder) Parameter(name string, data []float64, shape ...int) Value {
	defer b.guard("Parameter")
	v := b.Const(data, shape...)
	v.name = name
	return v
}

// Const returns a constant, of the shape () without sizes.
func (b *Builder) Const(data []float64, shape ...int) Value {
	defer b.guard("Const")
	if sizeOf(shape) != len(data) {
		b.Fail(errors.Errorf("%d numbers for a constant of shape %v", len(data), shape))
	}
	if data == nil {
		data = []float64{}
	}
	return Value{shape: slices.Clone(shape), data: data}
}

// Scalar returns a constant without axes.
func (b *Builder) Scalar(c float64) Value { return b.Const([]float64{c}) }

// add appends an operator, and returns its result.
func (b *Builder) add(op string, shape []int, in []Value, attributes ...attribute) Value {
	names := make([]string, len(in))
	for i, v := range in {
		names[i] = b.use(v)
	}
	return b.addNamed(op, shape, names, attributes...)
}

// addNamed is add for operands by their names.
func (b *Builder) addNamed(op string, shape []int, in []string, attributes ...attribute) Value {
	if b.err != nil {
		return Value{shape: shape}
	}
	n := &node{op: op, label: b.label, in: in, attributes: attributes}
	n.name = op + "_" + strconv.Itoa(b.counts[op])
	b.counts[op]++
	n.out = b.take(n.name + "_out")
	b.nodes = append(b.nodes, n)
	return Value{name: n.out, shape: slices.Clone(shape)}
}

// use returns the name of an operand, and writes a constant that has not been used before.
func (b *Builder) use(v Value) string {
	switch {
	case v.data == nil:
		if v.name == "" {
			b.Fail(errors.New("an operator is given no operand"))
		}
		return v.name
	case v.name == "":
		return b.share("constant", tensor{shape: v.shape, floats: v.data})
	case !b.written[v.name]: // else it is a parameter that is used again
		b.written[v.name] = true
		b.tensors = append(b.tensors, tensor{name: v.name, shape: v.shape, floats: v.data})
	}
	return v.name
}

// ints returns the name of a constant list of integers, or of indices of another shape.
func (b *Builder) ints(values []int, shape ...int) string {
	if shape == nil {
		shape = []int{len(values)}
	}
	return b.share("integers", tensor{shape: slices.Clone(shape), ints: slices.Clone(values)})
}

// share returns the name of an initializer without one, which is written once, however often it is used.
func (b *Builder) share(kind string, t tensor) string {
	content := fmt.Append(nil, kind, t.shape, t.ints)
	for _, v := range t.floats {
		content = binary.LittleEndian.AppendUint64(content, math.Float64bits(v))
	}
	key := sha256.Sum256(content)
	name, there := b.shared[key]
	if !there {
		name = fmt.Sprintf("%s_%d", kind, len(b.tensors))
		t.name, b.shared[key], b.written[name] = name, name, true
		b.tensors = append(b.tensors, t)
	}
	return name
}

// isBatch reports whether a size grows with the batch.
func (b *Builder) isBatch(size int) bool { return b.batch > 1 && size > 0 && size%b.batch == 0 }

func sizeOf(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
