package nn

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

// Store holds the parameters of a model by name. They outlive graphs: every graph that a Scope opens on the
// Store reads the same memory, so a training graph, its replicas and an evaluation graph share their weights.
//
// A Store is for one goroutine while graphs are built; running graphs only read it. The zero value is an
// empty Store with seed 0, and nil one that nothing can be put into.
type Store struct {
	seed   uint64
	byName map[string]*Param
	order  []*Param
}

// Param is one named tensor of a Store. Its fields are those of the ParamSpec that it was made by.
type Param struct {
	Name    string
	Value   *tensor.Dense // row-major; an optimizer writes its elements in place
	NoDecay bool          // weight decay leaves it alone (biases, norms, scales, angles)
	Group   string        // counted on its own in a summary, e.g. "quantum"

	trained bool // by at least one graph
}

// ParamSpec says what parameter a layer wants. All graphs over a Store must agree in everything but Init,
// which makes the first values and is not asked again, and Frozen, which is about the asking graph alone.
type ParamSpec struct {
	Shape   tensor.Shape
	Dtype   tensor.Dtype // Float32 or Float64: that of the layer's input
	Init    Init
	NoDecay bool   // see Param
	Group   string // see Param
	Frozen  bool   // this graph takes no gradient to it
}

// NewStore returns an empty Store. A parameter's first value is drawn from a stream of its own, keyed by the
// seed and the parameter's name: the same seed gives the same values in either dtype (rounded), and adding a
// layer does not change those of the others.
func NewStore(seed uint64) *Store { return &Store{seed: seed} }

// Seed returns the seed the Store was made with.
func (st *Store) Seed() uint64 { return st.orEmpty().seed }

// orEmpty returns the Store, in place of nil an empty one.
func (st *Store) orEmpty() *Store {
	if st == nil {
		return &Store{}
	}
	return st
}

// Params returns all parameters in the order in which they were first asked for.
func (st *Store) Params() []*Param { return append([]*Param{}, st.orEmpty().order...) }

// Param returns the parameter of that name, or nil.
func (st *Store) Param(name string) *Param { return st.orEmpty().byName[name] }

// Count returns the number of values that are trained by at least one of the graphs over the Store, of
// parameters whose Group is one of the groups; of all parameters without one.
func (st *Store) Count(groups ...string) int {
	n := 0
	for _, p := range st.orEmpty().order {
		if p.trained && (len(groups) == 0 || slices.Contains(groups, p.Group)) {
			n += p.Value.Shape().TotalSize()
		}
	}
	return n
}

// param returns the parameter, made by spec at the first call for its name.
func (st *Store) param(name string, spec ParamSpec) (*Param, error) {
	p, err := st.byName[name], error(nil)
	if p == nil {
		p, err = st.open(name, spec)
	} else {
		err = p.agree(spec)
	}
	if err != nil {
		return nil, errors.WithMessagef(err, "nn: parameter %s", name)
	}
	p.trained = p.trained || !spec.Frozen
	return p, nil
}

// open makes a parameter with its first values.
func (st *Store) open(name string, spec ParamSpec) (*Param, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	first := make([]float64, spec.Shape.TotalSize())
	if err := spec.Init.draw(rand.New(rand.NewPCG(st.seed, hashOf(name))), spec.Shape, first); err != nil {
		return nil, err
	}
	for i, v := range first {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errors.Errorf("Init gives %v for value %d, want finite numbers", v, i)
		}
	}
	p := &Param{Name: name, Value: denseOf(spec, first), NoDecay: spec.NoDecay, Group: spec.Group}
	if st.byName == nil {
		st.byName = map[string]*Param{}
	}
	st.byName[name] = p
	st.order = append(st.order, p)
	return p, nil
}

// agree returns an error if a graph wants another parameter than an earlier one has made.
func (p *Param) agree(spec ParamSpec) error {
	switch {
	case !slices.Equal(p.Value.Shape(), spec.Shape) || p.Value.Dtype() != spec.Dtype:
		if err := op.CheckDtype(spec.Dtype); err != nil {
			return err
		}
		return errors.Errorf("it is %v %v, the layer wants %v %v",
			p.Value.Dtype(), p.Value.Shape(), spec.Dtype, spec.Shape)
	case p.NoDecay != spec.NoDecay:
		return errors.Errorf("its NoDecay is %v, the layer wants %v", p.NoDecay, spec.NoDecay)
	case p.Group != spec.Group:
		return errors.Errorf("its Group is %q, the layer wants %q", p.Group, spec.Group)
	}
	return nil
}

func (spec ParamSpec) check() error {
	if spec.Init == nil {
		return errors.New("no Init given")
	}
	if err := op.CheckDtype(spec.Dtype); err != nil {
		return err
	}
	if spec.Shape.Dims() == 0 {
		return errors.New("a parameter has at least one dimension; use shape (1) for a single value")
	}
	return op.CheckShape(spec.Shape)
}

func denseOf(spec ParamSpec, values []float64) *tensor.Dense {
	if spec.Dtype == tensor.Float64 {
		return tensor.New(tensor.WithShape(spec.Shape...), tensor.WithBacking(values))
	}
	narrow := make([]float32, len(values))
	for i, v := range values {
		narrow[i] = float32(v)
	}
	return tensor.New(tensor.WithShape(spec.Shape...), tensor.WithBacking(narrow))
}

// header returns another Dense over the same memory: two graphs that run side by side must not share one, for
// Gorgonia's products transpose their operands in place.
func (p *Param) header() *tensor.Dense {
	return tensor.New(tensor.WithShape(p.Value.Shape()...), tensor.WithBacking(p.Value.Data()))
}

// Set copies values into the parameter, rounding to its dtype. It returns an error if their number differs,
// and for nil, which Store.Param returns for an unknown name.
func (p *Param) Set(values []float64) error {
	if p == nil || p.Value == nil {
		return errors.New("nn: Set: there is no such parameter")
	}
	if n := p.Value.Shape().TotalSize(); len(values) != n {
		return errors.Errorf("nn: parameter %s: %d values for shape %v (%d)",
			p.Name, len(values), p.Value.Shape(), n)
	}
	if p.Value.Dtype() == tensor.Float64 {
		copy(p.Value.Float64s(), values)
		return nil
	}
	for i, v := range values {
		p.Value.Float32s()[i] = float32(v)
	}
	return nil
}

// Values returns a copy of the parameter's values, row-major; nil for nil.
func (p *Param) Values() []float64 {
	if p == nil || p.Value == nil {
		return nil
	}
	values, _ := op.Float64s(p.Value) // a parameter is float32 or float64
	return values
}

// Names returns the names of all parameters, sorted.
func (st *Store) Names() []string {
	names := []string{}
	for _, p := range st.orEmpty().order {
		names = append(names, p.Name)
	}
	sort.Strings(names)
	return names
}

func hashOf(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}
