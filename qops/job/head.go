package job

import (
	"math"
	"math/bits"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Head is a head of quantum attention on one image.
type Head struct {
	Tokens, Width int
	Image         []float64 // tokens × width, of any norm: what the head sees of each patch
	Query, Key    *circuit.Circuit
	ThetaQuery    []float64 // radians
	ThetaKey      []float64
}

// maxTokens bounds the patches: 2^20 pairs.
const maxTokens = 1 << 10

// data is the qubits that hold a patch.
func (h Head) data() int { return max(1, bits.Len(uint(h.Width-1))) }

func (h Head) check() error {
	switch {
	case h.Tokens < 1 || h.Tokens > maxTokens || h.Width < 1 || h.Width > 1<<12:
		return errors.Errorf("want 1 to %d tokens of a width of 1 to 4096, got %d of %d", maxTokens,
			h.Tokens, h.Width)
	case len(h.Image) != h.Tokens*h.Width:
		return errors.Errorf("want an image of tokens·width = %d values, got %d", h.Tokens*h.Width,
			len(h.Image))
	}
	for i, v := range h.Image {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.Errorf("value %d of the image is %v", i, v)
		}
	}
	for _, side := range []struct {
		name  string
		c     *circuit.Circuit
		theta []float64
	}{{"query", h.Query, h.ThetaQuery}, {"key", h.Key, h.ThetaKey}} {
		switch {
		case side.c == nil:
			return errors.Errorf("want a circuit of the %s, got nil", side.name)
		case side.c.Err() != nil:
			return errors.WithMessage(side.c.Err(), side.name)
		case side.c.Qubits() != h.data() || side.c.NumData() > 0:
			return errors.Errorf("want a %s on %d qubits without data for a width of %d, got %d qubits "+
				"and %d data",
				side.name, h.data(), h.Width, side.c.Qubits(), side.c.NumData())
		case side.c.NumTheta() != len(side.theta):
			return errors.Errorf("want %d angles of the %s, got %d", side.c.NumTheta(), side.name,
				len(side.theta))
		}
		for i, v := range side.theta {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return errors.Errorf("angle %d of the %s is %v", i, side.name, v)
			}
		}
	}
	if _, total := h.shares(); total == 0 {
		return errors.New("want an image that is not all zeros: nobody can prepare its state")
	}
	return nil
}

// shares returns n_i and the largest absolute value, 0 for an image of zeros.
func (h Head) shares() (shares []float64, largest float64) {
	for _, v := range h.Image {
		largest = max(largest, math.Abs(v))
	}
	shares = make([]float64, h.Tokens)
	total := 0.0
	for i, v := range h.Image {
		v /= max(largest, math.SmallestNonzeroFloat64)
		shares[i/h.Width] += v * v
		total += v * v
	}
	for i := range shares {
		shares[i] /= max(total, math.SmallestNonzeroFloat64)
	}
	return shares, largest
}

// place is where an angle enters the circuits: in the query, or in the key.
type place struct {
	circuit.ParamOccurrence
	key   bool
	angle int // of the head: those of the query, then those of the key
	rule  []circuit.Shift
}

// placed is a head whose circuits have an angle of their own for each place.
type placed struct {
	Head
	places []place
}

// split returns the head with an angle for each place.
func (h Head) split() (placed, error) {
	p := placed{Head: h}
	for _, key := range []bool{false, true} {
		c, theta, offset := h.Query, h.ThetaQuery, 0
		if key {
			c, theta, offset = h.Key, h.ThetaKey, h.Query.NumTheta()
		}
		single, occurrences, _, err := c.SplitParameters()
		if err != nil {
			return p, err
		}
		var values []float64
		for _, o := range occurrences {
			rule, err := o.ValueRule()
			if err != nil {
				return p, err
			}
			p.places = append(p.places, place{o, key, offset + o.Angle.Index, rule})
			values = append(values, o.Angle.Value(theta, nil))
		}
		if key {
			p.Key, p.ThetaKey = single, values
		} else {
			p.Query, p.ThetaQuery = single, values
		}
	}
	return p, nil
}

// eachShift calls f for every shifted place: with all angles, those of the query first.
func (p placed) eachShift(f func(at place, s Shift, theta []float64) error) error {
	theta := append(append([]float64{}, p.ThetaQuery...), p.ThetaKey...)
	for i, at := range p.places {
		for _, term := range at.rule {
			for _, sign := range []float64{1, -1} {
				shifted := append([]float64{}, theta...)
				shifted[i] += sign * term.By
				s := Shift{Angle: at.angle, By: sign * term.By, Factor: sign * term.Weight * at.Angle.Scale}
				if err := f(at, s, shifted); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Overlaps returns S_ij = |⟨q_i|k_j⟩|², exactly: tokens × tokens, i the patch of the query. The image is
// scaled to unit norm as a whole. It returns an error for sizes that do not match, numbers that are not
// finite, and an image of zeros.
func (h Head) Overlaps() ([]float64, error) {
	if err := h.check(); err != nil {
		return nil, errors.WithMessage(err, "job: Overlaps")
	}
	out, err := h.overlaps()
	return out, errors.WithMessage(err, "job: Overlaps")
}

func (h Head) overlaps() ([]float64, error) {
	q, err := h.states(h.Query, h.ThetaQuery)
	if err != nil {
		return nil, err
	}
	k, err := h.states(h.Key, h.ThetaKey)
	if err != nil {
		return nil, err
	}
	n := h.Tokens
	o, err := statevec.NewOverlap[float64](1, n, n, h.data(), 1)
	if err != nil {
		return nil, err
	}
	out := make([]float64, n*n)
	return out, o.Apply(q, k, make([]float64, 2*n*n), out)
}

// states returns what a circuit makes of the patches.
func (h Head) states(c *circuit.Circuit, theta []float64) ([]float64, error) {
	_, largest := h.shares()
	norm := 0.0
	for _, v := range h.Image {
		norm += v / largest * (v / largest)
	}
	width := 2 << h.data()
	psi := make([]float64, h.Tokens*width)
	for i, v := range h.Image {
		psi[i/h.Width*width+2*(i%h.Width)] = v / largest / math.Sqrt(norm)
	}
	plan, err := statevec.Compile[float64](c)
	if err != nil {
		return nil, err
	}
	return psi, plan.NewExecutor(1).Apply(h.Tokens, theta, nil, psi, psi)
}

// Jacobian returns the derivatives of Overlaps by the angles, exactly: a row of angles, those of the query
// and then those of the key, for each of the tokens × tokens pairs. It returns the errors of Overlaps, and
// one for a gate without a shift rule.
func (h Head) Jacobian() ([]float64, error) {
	if err := h.check(); err != nil {
		return nil, errors.WithMessage(err, "job: Jacobian")
	}
	p, err := h.split()
	if err != nil {
		return nil, errors.WithMessage(err, "job: Jacobian")
	}
	angles, queries := h.Query.NumTheta()+h.Key.NumTheta(), len(p.ThetaQuery)
	out := make([]float64, h.Tokens*h.Tokens*angles)
	err = p.eachShift(func(_ place, s Shift, theta []float64) error {
		at := p.Head
		at.ThetaQuery, at.ThetaKey = theta[:queries], theta[queries:]
		overlaps, err := at.overlaps()
		for pair, v := range overlaps {
			out[pair*angles+s.Angle] += s.Factor * v
		}
		return err
	})
	return out, errors.WithMessage(err, "job: Jacobian")
}
