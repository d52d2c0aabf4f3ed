package train

import (
	"encoding/binary"
	"io"
	"math"
	"os"
	"slices"

	"github.com/nlpodyssey/safetensors"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/nn"
)

// Weights are named tensors with a text under some keys, as a safetensors file holds them.
type Weights struct {
	Meta    map[string]string
	Tensors map[string]*tensor.Dense
}

// WeightsOf returns a copy of the parameters of a Store.
func WeightsOf(st *nn.Store, meta map[string]string) *Weights {
	w := &Weights{Meta: meta, Tensors: map[string]*tensor.Dense{}}
	for _, p := range st.Params() {
		w.Tensors[p.Name] = p.Value.Clone().(*tensor.Dense)
	}
	return w
}

// ReadWeights reads a safetensors file. It returns an error if the file is malformed, whatever it holds.
func ReadWeights(path string) (*Weights, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.Wrap(err, "train: weights")
	}
	w, err := parseWeights(content)
	return w, errors.WithMessagef(err, "train: %s", path)
}

// CopyTo writes the weights into the parameters of a Store, which a model has made there (NewPredictor does).
// It returns an error, and changes nothing, unless both have the same names with the same shapes and dtypes.
func (w *Weights) CopyTo(st *nn.Store) error {
	for _, p := range st.Params() {
		t, ok := w.Tensors[p.Name]
		if !ok {
			return errors.Errorf("train: weights: parameter %s of the model is missing", p.Name)
		}
		if t.Dtype() != p.Value.Dtype() || !slices.Equal(t.Shape(), p.Value.Shape()) {
			return errors.Errorf("train: weights: %s is %v %v, the model wants %v %v", p.Name, t.Dtype(), t.Shape(), p.Value.Dtype(), p.Value.Shape())
		}
	}
	for name := range w.Tensors {
		if st.Param(name) == nil {
			return errors.Errorf("train: weights: the model has no parameter %s", name)
		}
	}
	for _, p := range st.Params() {
		if p.Value.Dtype() == tensor.Float64 {
			copy(p.Value.Float64s(), w.Tensors[p.Name].Float64s())
		} else {
			copy(p.Value.Float32s(), w.Tensors[p.Name].Float32s())
		}
	}
	return nil
}

// Save replaces the file at path, whole or not at all. Equal weights give equal files.
func (w *Weights) Save(path string) error {
	return atomicfile.Write(path, w.write)
}

func (w *Weights) write(out io.Writer) error {
	views := make(map[string]safetensors.TensorView, len(w.Tensors))
	for name, t := range w.Tensors {
		view, err := viewOf(t)
		if err != nil {
			return errors.Wrapf(err, "train: weights: %s", name)
		}
		views[name] = view
	}
	return safetensors.SerializeToWriter(views, w.Meta, out)
}

func viewOf(t *tensor.Dense) (safetensors.TensorView, error) {
	shape := make([]uint64, t.Dims())
	for i, d := range t.Shape() {
		shape[i] = uint64(d)
	}
	var bytes []byte
	if t.Dtype() == tensor.Float64 {
		for _, v := range t.Float64s() {
			bytes = binary.LittleEndian.AppendUint64(bytes, math.Float64bits(v))
		}
		return safetensors.NewTensorView(safetensors.F64, shape, bytes)
	}
	for _, v := range t.Float32s() {
		bytes = binary.LittleEndian.AppendUint32(bytes, math.Float32bits(v))
	}
	return safetensors.NewTensorView(safetensors.F32, shape, bytes)
}

func parseWeights(content []byte) (*Weights, error) {
	file, err := safetensors.Deserialize(content)
	if err != nil {
		return nil, errors.Wrap(err, "no safetensors file")
	}
	_, header, err := safetensors.ReadMetadata(content)
	if err != nil {
		return nil, errors.Wrap(err, "no safetensors file")
	}
	w := &Weights{Meta: header.Metadata(), Tensors: map[string]*tensor.Dense{}}
	for _, named := range file.Tensors() {
		t, err := denseOf(named.TensorView)
		if err != nil {
			return nil, errors.WithMessage(err, named.Name)
		}
		w.Tensors[named.Name] = t
	}
	return w, nil
}

func denseOf(view safetensors.TensorView) (*tensor.Dense, error) {
	var shape tensor.Shape
	for _, d := range view.Shape() {
		if d == 0 {
			return nil, errors.Errorf("shape %v holds nothing", view.Shape())
		}
		shape = append(shape, int(d))
	}
	if len(shape) == 0 {
		return nil, errors.New("a tensor without dimensions, want at least one")
	}
	data := view.Data()
	switch view.DType() {
	case safetensors.F32:
		values := make([]float32, len(data)/4)
		for i := range values {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values)), nil
	case safetensors.F64:
		values := make([]float64, len(data)/8)
		for i := range values {
			values[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
		}
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values)), nil
	}
	return nil, errors.Errorf("dtype %v, want F32 or F64", view.DType())
}
