// Package onnxtest reads and runs ONNX files in float64, to test what package onnx writes. It shares nothing
// with the writer: fields are those of onnx.proto, operators those of the ONNX reference, in plain loops.
package onnxtest

import (
	"encoding/binary"
	"math"

	"github.com/pkg/errors"
	"google.golang.org/protobuf/encoding/protowire"
)

// Model is what a file holds.
type Model struct {
	IR, Opset       int
	Metadata        map[string]string
	Nodes           []Node
	Initializers    map[string]Tensor
	Order           []string // of the initializers
	Inputs, Outputs []Info
}

// Node is an operator.
type Node struct {
	Op, Name   string
	In, Out    []string
	Attributes map[string]Attribute
}

// Attribute is a number or a list of integers.
type Attribute struct {
	Int   int
	Float float64
	Ints  []int
}

// Tensor is numbers, row-major. Integers are whole numbers.
type Tensor struct {
	Shape []int
	Data  []float64
}

// Info is a declared input or output: a size is a name, or a number.
type Info struct {
	Name  string
	Sizes []string
	Fixed []int // 0 where the size has a name
}

// fields calls f with the fields of a message: n is an integer or the bits of a float32, b anything else.
func fields(data []byte, f func(field int, n uint64, b []byte) error) error {
	for len(data) > 0 {
		number, typ, size := protowire.ConsumeTag(data)
		if size < 0 {
			return errors.New("no tag")
		}
		data = data[size:]
		var n uint64
		var b []byte
		switch typ {
		case protowire.VarintType:
			n, size = protowire.ConsumeVarint(data)
		case protowire.Fixed32Type:
			var v uint32
			v, size = protowire.ConsumeFixed32(data)
			n = uint64(v)
		case protowire.BytesType:
			b, size = protowire.ConsumeBytes(data)
		default:
			return errors.Errorf("field %d of type %d", number, typ)
		}
		if size < 0 {
			return errors.Errorf("field %d is cut off", number)
		}
		data = data[size:]
		if err := f(int(number), n, b); err != nil {
			return err
		}
	}
	return nil
}

// Read returns the model in a file. It returns an error for a field that it does not know.
func Read(data []byte) (*Model, error) {
	m := &Model{Metadata: map[string]string{}, Initializers: map[string]Tensor{}}
	err := fields(data, func(field int, n uint64, b []byte) error {
		switch field {
		case 1:
			m.IR = int(n)
		case 2: // producer
		case 7:
			return m.graph(b)
		case 8:
			return fields(b, func(field int, n uint64, _ []byte) error {
				if field == 2 {
					m.Opset = int(n)
				}
				return nil
			})
		case 14:
			var entry [3]string
			err := fields(b, func(field int, _ uint64, b []byte) error { entry[field] = string(b); return nil })
			m.Metadata[entry[1]] = entry[2]
			return err
		default:
			return errors.Errorf("field %d of a model", field)
		}
		return nil
	})
	return m, err
}

func (m *Model) graph(data []byte) error {
	return fields(data, func(field int, _ uint64, b []byte) error {
		switch field {
		case 1:
			n, err := readNode(b)
			m.Nodes = append(m.Nodes, n)
			return err
		case 2: // name
		case 5:
			name, t, err := readTensor(b)
			if _, twice := m.Initializers[name]; twice || name == "" {
				return errors.Errorf("initializer %q", name)
			}
			m.Initializers[name], m.Order = t, append(m.Order, name)
			return err
		case 11, 12:
			info, err := readInfo(b)
			if field == 11 {
				m.Inputs = append(m.Inputs, info)
			} else {
				m.Outputs = append(m.Outputs, info)
			}
			return err
		default:
			return errors.Errorf("field %d of a graph", field)
		}
		return nil
	})
}

func readNode(data []byte) (n Node, err error) {
	n.Attributes = map[string]Attribute{}
	err = fields(data, func(field int, _ uint64, b []byte) error {
		switch field {
		case 1:
			n.In = append(n.In, string(b))
		case 2:
			n.Out = append(n.Out, string(b))
		case 3:
			n.Name = string(b)
		case 4:
			n.Op = string(b)
		case 5:
			name, a, err := readAttribute(b)
			n.Attributes[name] = a
			return err
		default:
			return errors.Errorf("field %d of a node", field)
		}
		return nil
	})
	return n, err
}

func readAttribute(data []byte) (name string, a Attribute, err error) {
	typ, has := 0, 0
	err = fields(data, func(field int, n uint64, b []byte) error {
		switch field {
		case 1:
			name = string(b)
		case 2:
			a.Float, has = float64(math.Float32frombits(uint32(n))), 1
		case 3:
			a.Int, has = int(int64(n)), 2
		case 8:
			a.Ints, has = append(a.Ints, int(int64(n))), 7
		case 20:
			typ = int(n)
		default:
			return errors.Errorf("field %d of an attribute", field)
		}
		return nil
	})
	if err == nil && typ != has {
		err = errors.Errorf("attribute %s says type %d and has %d", name, typ, has)
	}
	return name, a, err
}

func readTensor(data []byte) (name string, t Tensor, err error) {
	var typ int
	var raw []byte
	err = fields(data, func(field int, n uint64, b []byte) error {
		switch field {
		case 1:
			t.Shape = append(t.Shape, int(int64(n)))
		case 2:
			typ = int(n)
		case 8:
			name = string(b)
		case 9:
			raw = b
		default:
			return errors.Errorf("field %d of a tensor", field)
		}
		return nil
	})
	switch typ {
	case 1:
		for ; len(raw) >= 4; raw = raw[4:] {
			t.Data = append(t.Data, float64(math.Float32frombits(binary.LittleEndian.Uint32(raw))))
		}
	case 7:
		for ; len(raw) >= 8; raw = raw[8:] {
			t.Data = append(t.Data, float64(int64(binary.LittleEndian.Uint64(raw))))
		}
	default:
		err = errors.Errorf("initializer %s of type %d", name, typ)
	}
	if err == nil && (len(raw) > 0 || sizeOf(t.Shape) != len(t.Data)) {
		err = errors.Errorf("initializer %s: %d numbers for %v", name, len(t.Data), t.Shape)
	}
	return name, t, err
}

func readInfo(data []byte) (info Info, err error) {
	only := func(want int, next func(b []byte) error) func(field int, n uint64, b []byte) error {
		return func(field int, n uint64, b []byte) error {
			if field == 1 && want == 2 && n == 1 {
				return nil // the element type, float32
			}
			if field != want {
				return errors.Errorf("field %d of a type", field)
			}
			return next(b)
		}
	}
	err = fields(data, func(field int, _ uint64, b []byte) error {
		if field == 1 {
			info.Name = string(b)
			return nil
		}
		return fields(b, only(1, func(b []byte) error {
			return fields(b, only(2, func(b []byte) error {
				return fields(b, only(1, func(b []byte) error {
					return fields(b, func(field int, n uint64, b []byte) error {
						if field == 2 {
							info.Sizes, info.Fixed = append(info.Sizes, string(b)), append(info.Fixed, 0)
						} else {
							info.Sizes, info.Fixed = append(info.Sizes, ""), append(info.Fixed, int(n))
						}
						return nil
					})
				}))
			}))
		}))
	})
	return info, err
}

func sizeOf(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
