package onnxtest

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// Run returns the outputs of a model for its inputs. It returns an error for a file that breaks the rules: a
// name that is given twice or not yet, a result of another shape than declared, an operator or attribute that
// it does not know.
func (m *Model) Run(inputs map[string]Tensor) (out map[string]Tensor, err error) {
	values := map[string]Tensor{}
	for name, t := range m.Initializers {
		values[name] = t
	}
	for _, in := range m.Inputs {
		x, given := inputs[in.Name]
		if _, twice := values[in.Name]; twice || !given {
			return nil, errors.Errorf("input %s is not given, or is an initializer too", in.Name)
		}
		if err := in.check(x); err != nil {
			return nil, err
		}
		values[in.Name] = x
	}
	for _, n := range m.Nodes {
		if err := m.step(n, values); err != nil {
			return nil, errors.WithMessagef(err, "%s (%s)", n.Name, n.Op)
		}
	}
	out = map[string]Tensor{}
	for _, o := range m.Outputs {
		y, there := values[o.Name]
		if !there {
			return nil, errors.Errorf("no output %s", o.Name)
		}
		if err := o.check(y); err != nil {
			return nil, err
		}
		out[o.Name] = y
	}
	return out, nil
}

func (i Info) check(t Tensor) error {
	ok := len(i.Fixed) == len(t.Shape) && sizeOf(t.Shape) == len(t.Data)
	for k := 0; ok && k < len(i.Fixed); k++ {
		ok = i.Fixed[k] == 0 || i.Fixed[k] == t.Shape[k]
	}
	if !ok {
		return errors.Errorf("%s has the shape %v, declared is %v, %v", i.Name, t.Shape, i.Fixed, i.Sizes)
	}
	return nil
}

func (m *Model) step(n Node, values map[string]Tensor) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.Errorf("panic: %v", r)
		}
	}()
	var in []Tensor
	for _, name := range n.In {
		x, there := values[name]
		if !there {
			return errors.Errorf("operand %q is not there yet", name)
		}
		in = append(in, x)
	}
	if len(n.Out) != 1 {
		return errors.Errorf("%d results", len(n.Out))
	}
	if _, twice := values[n.Out[0]]; twice {
		return errors.Errorf("result %s is given twice", n.Out[0])
	}
	y, err := m.apply(n, in)
	if err == nil && sizeOf(y.Shape) != len(y.Data) {
		err = errors.Errorf("%d numbers of shape %v", len(y.Data), y.Shape)
	}
	values[n.Out[0]] = y
	return err
}

var elementwise = map[string]func(v float64) float64{
	"Identity": func(v float64) float64 { return v }, "Sqrt": math.Sqrt, "Abs": math.Abs, "Sin": math.Sin,
	"Cos": math.Cos, "Erf": math.Erf,
	"Gelu": func(v float64) float64 { return v * (1 + math.Erf(v/math.Sqrt2)) / 2 },
}

var pairwise = map[string]func(v, w float64) float64{
	"Add": func(v, w float64) float64 { return v + w }, "Sub": func(v, w float64) float64 { return v - w },
	"Mul": func(v, w float64) float64 { return v * w }, "Div": func(v, w float64) float64 { return v / w },
	"Max": func(v, w float64) float64 { return max(v, w) },
}

func (m *Model) apply(n Node, in []Tensor) (Tensor, error) {
	known := func(names ...string) error {
		for name := range n.Attributes {
			if !slices.Contains(names, name) {
				return errors.Errorf("attribute %s", name)
			}
		}
		return nil
	}
	if f := elementwise[n.Op]; f != nil {
		y := Tensor{in[0].Shape, make([]float64, len(in[0].Data))}
		for i, v := range in[0].Data {
			y.Data[i] = f(v)
		}
		return y, known()
	}
	if f := pairwise[n.Op]; f != nil {
		return broadcast(in[0], in[1], f), known()
	}
	a := n.Attributes
	switch n.Op {
	case "Softmax":
		return in[0].softmax(a["axis"].Int), known("axis")
	case "MatMul":
		return matMul(in[0], in[1]), known()
	case "Gemm":
		return gemm(in), known("transB")
	case "LayerNormalization":
		return in[0].normalize(in[0].Shape[len(in[0].Shape)-1], a["epsilon"].Float, func(i int) (w, b float64) {
			k := i % len(in[1].Data)
			return in[1].Data[k], in[2].Data[k]
		}), known("axis", "epsilon")
	case "InstanceNormalization":
		plane := sizeOf(in[0].Shape[2:])
		return in[0].normalize(plane, a["epsilon"].Float, func(i int) (w, b float64) {
			k := i / plane % in[0].Shape[1]
			return in[1].Data[k], in[2].Data[k]
		}), known("epsilon")
	case "Conv":
		return conv(in[0], in[1], in[2], a["pads"].Ints, a["strides"].Ints),
			known("kernel_shape", "pads", "strides")
	case "ReduceMean", "ReduceSum", "ReduceMax", "ReduceL2":
		axes := a["axes"].Ints
		if n.Op == "ReduceSum" || m.Opset >= 18 {
			if axes != nil {
				return Tensor{}, errors.New("axes are an operand")
			}
			axes = integers(in[1])
		}
		return in[0].reduce(n.Op, axes, a["keepdims"].Int == 1), known("axes", "keepdims")
	case "Reshape":
		return in[0].reshape(integers(in[1])), known()
	case "Transpose":
		return in[0].transpose(a["perm"].Ints), known("perm")
	case "Slice":
		return in[0].slice(integers(in[3])[0], integers(in[1])[0], integers(in[2])[0]), known()
	case "Concat":
		return concat(a["axis"].Int, in), known("axis")
	case "Gather":
		return in[0].gather(a["axis"].Int, in[1]), known("axis")
	case "Pad":
		return in[0].pad(integers(in[1])), known()
	case "Expand":
		ones := Tensor{integers(in[1]), slices.Repeat([]float64{1}, sizeOf(integers(in[1])))}
		return broadcast(in[0], ones, func(v, w float64) float64 { return v }), known()
	case "Shape":
		t := Tensor{Shape: []int{len(in[0].Shape)}}
		for _, d := range in[0].Shape {
			t.Data = append(t.Data, float64(d))
		}
		return t, known()
	}
	return Tensor{}, errors.New("unknown operator")
}
