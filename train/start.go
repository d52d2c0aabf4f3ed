package train

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train/rundir"
)

// fromKey is the key of an identity that has the digest of the weights to start from.
const fromKey = "from"

// startFrom copies the weights that fit into the Store of a model, and returns a sentence about those that do
// not: they begin anew, as a classifier of other classes has to. It returns an error if none fits.
func startFrom(w *rundir.Weights, st *nn.Store) (said string, err error) {
	var anew []string
	fit := 0
	for _, p := range st.Params() {
		t := w.Tensors[p.Name]
		switch {
		case t == nil:
			anew = append(anew, p.Name+" (not among them)")
			continue
		case t.Dtype() != p.Value.Dtype() || !slices.Equal(t.Shape(), p.Value.Shape()):
			anew = append(anew, fmt.Sprintf("%s (%v %v there, %v %v here)",
				p.Name, t.Dtype(), t.Shape(), p.Value.Dtype(), p.Value.Shape()))
			continue
		}
		fit++
		if t.Dtype() == tensor.Float64 {
			copy(p.Value.Float64s(), t.Float64s())
		} else {
			copy(p.Value.Float32s(), t.Float32s())
		}
	}
	var unused []string
	for name := range w.Tensors {
		if st.Param(name) == nil {
			unused = append(unused, name)
		}
	}
	slices.Sort(unused)
	if fit == 0 {
		return "", errors.Errorf("train: none of the %d tensors to start from fits the model: want those of a "+
			"like model; its %s", len(w.Tensors), strings.Join(anew[:min(len(anew), 3)], ", "))
	}
	said = fmt.Sprintf("%d of %d tensors start from the given weights", fit, fit+len(anew))
	if len(anew) > 0 {
		said += "; anew: " + firstOf(anew)
	}
	if len(unused) > 0 {
		said += "; not used: " + firstOf(unused)
	}
	return said, nil
}

// firstOf lists a dozen names, and how many there are if that is not all.
func firstOf(names []string) string {
	if n := len(names); n > 12 {
		return strings.Join(names[:12], ", ") + fmt.Sprintf(", … %d in all", n)
	}
	return strings.Join(names, ", ")
}
