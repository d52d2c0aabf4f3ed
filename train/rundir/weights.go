package rundir

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"maps"
	"math"
	"os"
	"slices"

	"github.com/nlpodyssey/safetensors"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/nn"
)

// Weights are named tensors and a text under each of some keys, as a safetensors file holds them.
type Weights struct {
	Meta    map[string]string
	Tensors Tensors
}

// Tensors are tensors by name.
type Tensors map[string]*tensor.Dense

// digestKey is where the metadata of a file hold its Digest. Other tools may write files without it.
const digestKey = "sha256"

// WeightsOf returns a copy of the parameters of a Store; none for nil.
func WeightsOf(st *nn.Store, meta map[string]string) *Weights {
	w := &Weights{Meta: meta, Tensors: Tensors{}}
	if st == nil {
		return w
	}
	for _, p := range st.Params() {
		w.Tensors[p.Name] = p.Value.Clone().(*tensor.Dense)
	}
	return w
}

// ReadWeights reads a safetensors file. It returns an error if the file is malformed, whatever it holds; and
// one that wraps ErrDamaged if it carries a digest, as every file that Save writes, and that is not the one
// of its content.
func ReadWeights(path string) (*Weights, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.Wrap(err, "weights file")
	}
	w, _, err := parseSealed("weights file", path, content,
		"restore it from a copy, take those of another epoch, "+
			"or train again")
	return w, err
}

// parseSealed returns what a safetensors file holds, and reports whether it carries a digest. What it is
// called, and what to do if it is damaged, is for errors.
func parseSealed(what, path string, content []byte, advice string) (w *Weights, sealed bool, err error) {
	if w, err = parse(content); err != nil {
		return nil, false, damaged{errors.Errorf("%s %s: not a safetensors file: %v; if it was one, it is "+
			"damaged: %s",
			what, path, err, advice)}
	}
	want, sealed := w.Meta[digestKey]
	if !sealed {
		return w, false, nil
	}
	delete(w.Meta, digestKey)
	got, err := w.Digest()
	if err != nil {
		return nil, true, err
	}
	if got != want {
		return nil, true, damaged{errors.Errorf("%s %s is damaged: its content has the SHA-256 %.8s…, it "+
			"was written with %.8s…; %s (a program that changes such a file has to remove %s from its "+
			"metadata)",
			what, path, got, want, advice, digestKey)}
	}
	return w, true, nil
}

// CopyTo writes the weights into the parameters of a Store, which a graph of the model has made there.
// It returns an error, and changes nothing, unless both have the same names with the same shapes and dtypes.
func (w *Weights) CopyTo(st *nn.Store) error {
	if w == nil || st == nil {
		return errors.New("no weights, or no Store to copy them to")
	}
	for _, p := range st.Params() {
		t := w.Tensors[p.Name]
		if t == nil {
			return errors.Errorf("weights: parameter %s of the model is missing", p.Name)
		}
		if t.Dtype() != p.Value.Dtype() || !slices.Equal(t.Shape(), p.Value.Shape()) {
			return errors.Errorf("weights: %s is %v %v, the model wants %v %v",
				p.Name, t.Dtype(), t.Shape(), p.Value.Dtype(), p.Value.Shape())
		}
	}
	for name := range w.Tensors {
		if st.Param(name) == nil {
			return errors.Errorf("weights: the model has no parameter %s", name)
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

// Digest returns the SHA-256, in hexadecimal, of names, shapes, dtypes and values of the tensors and of the
// metadata: that of the file that Save writes, without the digest in it.
func (w *Weights) Digest() (string, error) {
	sum := sha256.New()
	if err := w.write(sum, ""); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Save replaces the file at path, whole or not at all. Equal weights give equal files. The metadata get the
// Digest, as "sha256". It returns an error for a tensor that is nil or not float32 or float64.
func (w *Weights) Save(path string) error {
	digest, err := w.Digest()
	if err != nil {
		return errors.WithMessagef(err, "save %s", path)
	}
	return atomicfile.Write(path, func(out io.Writer) error { return w.write(out, digest) })
}

// write writes the file, with a digest in it if one is given.
func (w *Weights) write(out io.Writer, digest string) error {
	if w == nil {
		return errors.New("weights: none to write")
	}
	views := make(map[string]safetensors.TensorView, len(w.Tensors))
	for name, t := range w.Tensors {
		view, err := viewOf(t)
		if err != nil {
			return errors.Wrapf(err, "weights: %s", name)
		}
		views[name] = view
	}
	meta := maps.Clone(w.Meta)
	delete(meta, digestKey)
	if digest != "" {
		if meta == nil {
			meta = map[string]string{}
		}
		meta[digestKey] = digest
	}
	return safetensors.SerializeToWriter(views, meta, out)
}

func viewOf(t *tensor.Dense) (safetensors.TensorView, error) {
	if t == nil || t.Dtype() != tensor.Float32 && t.Dtype() != tensor.Float64 {
		return safetensors.TensorView{}, errors.New("want a tensor of float32 or float64")
	}
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

func parse(content []byte) (*Weights, error) {
	file, err := safetensors.Deserialize(content)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	_, header, err := safetensors.ReadMetadata(content)
	if err != nil {
		return nil, errors.WithStack(err)
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
