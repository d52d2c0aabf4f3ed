package onnx

import (
	"encoding/binary"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"

	"github.com/pkg/errors"
	"google.golang.org/protobuf/encoding/protowire"
)

// Model is a finished model.
type Model struct {
	Inputs, Outputs []Port
	Opset           int
	Bytes           []byte // the content of the file
}

// Port is an input or an output of a Model, of numbers of float32.
type Port struct {
	Name  string
	Shape []string // of each axis the size, or a name such as N for what grows with the batch
}

// irVersion is that of the file format, which readers since 2022 know. It does not grow with the opset.
const irVersion = 8

// maxBytes is the size that a message of Protocol Buffers can have.
const maxBytes = math.MaxInt32

// The numbers of the fields, and those of their types, in onnx.proto.
const (
	modelIR, modelProducer, modelGraph, modelOpset, modelMetadata = 1, 2, 7, 8, 14
	opsetVersion                                                  = 2
	entryKey, entryValue                                          = 1, 2
	graphNode, graphName, graphTensor, graphInput, graphOutput    = 1, 2, 5, 11, 12
	nodeInput, nodeOutput, nodeName, nodeOp, nodeAttribute        = 1, 2, 3, 4, 5
	attributeName, attributeF, attributeI, attributeInts          = 1, 2, 3, 8
	attributeType, typeFloat, typeInt, typeInts                   = 20, 1, 2, 7
	tensorDims, tensorType, tensorName, tensorRaw                 = 1, 2, 8, 9
	elementFloat, elementInt64                                    = 1, 7
	valueName, valueType, typeTensor, tensorElement, tensorShape  = 1, 2, 1, 1, 2
	shapeDim, dimValue, dimParam                                  = 1, 1, 2
)

// Model returns the model, with a name for its graph and metadata for its readers. It returns the Builder's
// error, and one for a model without inputs or outputs, or of more than 2 GiB.
func (b *Builder) Model(name string, metadata map[string]string) (*Model, error) {
	if err := b.Err(); err != nil {
		return nil, errors.WithMessage(err, "onnx")
	}
	if len(b.inputs) == 0 || len(b.outputs) == 0 {
		return nil, errors.New("onnx: a model needs an input and an output")
	}
	size := 0
	for _, t := range b.tensors {
		size += 4*len(t.floats) + 8*len(t.ints)
	}
	if size > maxBytes {
		return nil, errors.Errorf("onnx: constants of %d bytes, want at most %d in one file", size, maxBytes)
	}
	m := &Model{Opset: b.opset}
	for _, v := range b.inputs {
		m.Inputs = append(m.Inputs, b.port(v))
	}
	for _, v := range b.outputs {
		m.Outputs = append(m.Outputs, b.port(v))
	}
	w := message{}
	w.int(modelIR, irVersion)
	w.text(modelProducer, "hqvit")
	w.message(modelGraph, b.graph(name))
	opset := message{}
	opset.int(opsetVersion, b.opset)
	w.message(modelOpset, opset)
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		entry := message{}
		entry.text(entryKey, key)
		entry.text(entryValue, metadata[key])
		w.message(modelMetadata, entry)
	}
	m.Bytes = w.bytes
	return m, nil
}

func (b *Builder) port(v Value) Port {
	p := Port{Name: v.name}
	for _, d := range v.shape {
		p.Shape = append(p.Shape, b.size(d))
	}
	return p
}

// size returns a size in text: 3, N or 4N.
func (b *Builder) size(d int) string {
	switch {
	case !b.isBatch(d):
		return strconv.Itoa(d)
	case d == b.batch:
		return "N"
	}
	return strconv.Itoa(d/b.batch) + "N"
}

// Difference returns what the first operator is part of, in which two Builders differ, for an error; nil if
// they write the same model.
func (b *Builder) Difference(other *Builder) error {
	if b.Err() != nil || other.Err() != nil {
		return errors.New("one of them has an error")
	}
	if len(b.inputs) != len(other.inputs) || len(b.outputs) != len(other.outputs) {
		return errors.New("they have not as many inputs and outputs")
	}
	mine, theirs := b.byName(), other.byName()
	for i := range max(len(b.nodes), len(other.nodes)) {
		if i >= len(b.nodes) || i >= len(other.nodes) {
			return errors.Errorf("there are %d and %d operators", len(b.nodes), len(other.nodes))
		}
		x, y := *b.nodes[i], *other.nodes[i]
		label := x.label
		x.label, y.label = "", ""
		if !reflect.DeepEqual(x, y) {
			return errors.Errorf("%s: operator %s", label, x.name)
		}
		for _, name := range x.in {
			if !reflect.DeepEqual(mine[name], theirs[name]) {
				return errors.Errorf("%s: constant %s of operator %s", label, name, x.name)
			}
		}
	}
	for _, pair := range [][2][]Value{{b.inputs, other.inputs}, {b.outputs, other.outputs}} {
		for i, v := range pair[0] {
			if p, q := b.port(v), other.port(pair[1][i]); !reflect.DeepEqual(p, q) {
				return errors.Errorf("%s has the shape %v in one and %v in the other", p.Name, p.Shape, q.Shape)
			}
		}
	}
	return nil
}

// byName returns the initializers.
func (b *Builder) byName() map[string]*tensor {
	all := make(map[string]*tensor, len(b.tensors))
	for i, t := range b.tensors {
		all[t.name] = &b.tensors[i]
	}
	return all
}

func (b *Builder) graph(name string) message {
	w := message{}
	for _, n := range b.nodes {
		w.message(graphNode, n.message())
	}
	w.text(graphName, name)
	for _, t := range b.tensors {
		w.message(graphTensor, t.message())
	}
	for _, v := range b.inputs {
		w.message(graphInput, b.valueInfo(v))
	}
	for _, v := range b.outputs {
		w.message(graphOutput, b.valueInfo(v))
	}
	return w
}

func (n *node) message() message {
	w := message{}
	for _, name := range n.in {
		w.text(nodeInput, name)
	}
	w.text(nodeOutput, n.out)
	w.text(nodeName, n.name)
	w.text(nodeOp, n.op)
	for _, a := range n.attributes {
		w.message(nodeAttribute, a.message())
	}
	return w
}

func (a attribute) message() message {
	w := message{}
	w.text(attributeName, a.name)
	switch v := a.value.(type) {
	case int:
		w.int(attributeI, v)
		w.int(attributeType, typeInt)
	case float32:
		w.bytes = protowire.AppendTag(w.bytes, attributeF, protowire.Fixed32Type)
		w.bytes = protowire.AppendFixed32(w.bytes, math.Float32bits(v))
		w.int(attributeType, typeFloat)
	case []int:
		for _, i := range v {
			w.int(attributeInts, i)
		}
		w.int(attributeType, typeInts)
	}
	return w
}

func (t tensor) message() message {
	w := message{}
	for _, d := range t.shape {
		w.int(tensorDims, d)
	}
	var raw []byte
	if t.floats != nil {
		w.int(tensorType, elementFloat)
		for _, v := range t.floats {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(v)))
		}
	} else {
		w.int(tensorType, elementInt64)
		for _, v := range t.ints {
			raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
		}
	}
	w.text(tensorName, t.name)
	w.raw(tensorRaw, raw)
	return w
}

func (b *Builder) valueInfo(v Value) message {
	shape := message{}
	for _, d := range v.shape {
		dim := message{}
		if b.isBatch(d) {
			dim.text(dimParam, b.size(d))
		} else {
			dim.int(dimValue, d)
		}
		shape.message(shapeDim, dim)
	}
	numbers, typ, w := message{}, message{}, message{}
	numbers.int(tensorElement, elementFloat)
	numbers.message(tensorShape, shape)
	typ.message(typeTensor, numbers)
	w.text(valueName, v.name)
	w.message(valueType, typ)
	return w
}

// message is a message of Protocol Buffers in the making.
type message struct{ bytes []byte }

func (m *message) int(field protowire.Number, v int) {
	m.bytes = protowire.AppendTag(m.bytes, field, protowire.VarintType)
	m.bytes = protowire.AppendVarint(m.bytes, uint64(int64(v)))
}

func (m *message) raw(field protowire.Number, b []byte) {
	m.bytes = protowire.AppendTag(m.bytes, field, protowire.BytesType)
	m.bytes = protowire.AppendBytes(m.bytes, b)
}

func (m *message) text(field protowire.Number, s string) { m.raw(field, []byte(s)) }

func (m *message) message(field protowire.Number, inner message) { m.raw(field, inner.bytes) }
