package train

import (
	"math"
	"regexp"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn"
)

// dataError is an error of the examples: neither the weights nor the learning rate are to blame.
type dataError struct{ error }

// Unwrap returns the error itself.
func (e dataError) Unwrap() error { return e.error }

// notFinite is how losses, kernels and optimizers, those of a user too, name a number that is not finite.
var notFinite = regexp.MustCompile(`\b(NaN|Inf)\b|not finite|overflows|diverged`)

// diverged reports whether an error of a step may be one of too large a step before: of a loss, a gradient or
// a weight that is not finite. One that a wrong example, a mistake in a kernel or a custom part has is not.
func diverged(err error) bool {
	return !errors.As(err, &dataError{}) && notFinite.MatchString(err.Error())
}

// blameWeights returns what is wrong with the weights where a graph over a Store has failed, for with NaN in
// one of them the graph blames an example; err itself if they are finite, or if it is an error of the data.
func blameWeights(whose string, st *nn.Store, err error) error {
	if err == nil || errors.As(err, &dataError{}) {
		return err
	}
	for _, p := range st.Params() {
		for i, v := range p.Values() {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return errors.Errorf("%sparameter %s holds %v at value %d of %d, want finite weights",
					whose, p.Name, v, i, p.Value.Shape().TotalSize())
			}
		}
	}
	return err
}

// checkContext returns an error for no context.
func checkContext(ctx any) error {
	if ctx == nil {
		return errors.New("train: the context is nil; context.Background() is one that never ends")
	}
	return nil
}

// checkNames returns an error unless a model asks for the same parameters in each of some graphs. Without
// that gradients of one would go to another, and what is evaluated would not be what was trained.
func checkNames(scopes ...*nn.Scope) error {
	first := namesOf(scopes[0])
	for _, s := range scopes[1:] {
		if err := checkAsked(first, namesOf(s)); err != nil {
			return err
		}
		if err := checkAsked(namesOf(s), first); err != nil {
			return err
		}
	}
	return nil
}

// checkAsked returns an error for a name that one graph asks for and another one does not.
func checkAsked(by map[string]bool, names map[string]bool) error {
	for name := range names {
		if !by[name] {
			return errors.Errorf("train: the model asks for the parameter %s in one graph and not in "+
				"another, want the same names at each call of its Forward", name)
		}
	}
	return nil
}

// namesOf returns the full names of all parameters of a graph.
func namesOf(s *nn.Scope) map[string]bool {
	names := map[string]bool{}
	for _, row := range s.Summary() {
		if row.Parameter == "" {
			continue
		}
		name := row.Parameter
		if row.Layer != "" {
			name = row.Layer + "." + name
		}
		names[name] = true
	}
	return names
}
