// Package mitigate says how the errors of a noisy circuit are mitigated: by extrapolation to no noise, by the
// inverse of the errors of readout, and by dropping results that a symmetry forbids. A Plan is data, with a
// text form; qops.Measurement.Mitigated and qops.ScoreOptions take one. docs/devices.md has examples, and
// math.md, section 9, the derivations.
package mitigate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
)

// Plan is what is done against the errors of a circuit. The zero value is nothing. Readout comes first, then
// Keep, and ZNE of what these give.
type Plan struct {
	ZNE     ZNE      // zero-noise extrapolation
	Readout Readout  // the errors of readout, which are known
	Keep    Symmetry // of the outcomes of all qubits that are read; others are dropped
}

// Readout is the method against errors of readout.
type Readout int

// The methods. Both take each qubit's known probabilities of being misread.
const (
	AsRead Readout = iota // nothing
	// Inverse applies the inverse of the errors: unbiased, but a small probability may come out negative.
	Inverse
	// LeastSquares takes the distribution that is nearest to the result of Inverse, by the sum of squares: no
	// probability is negative, and all together are 1. It is for probabilities, and biased where it changes
	// them.
	LeastSquares
)

// The names of the parts of a text.
const (
	zneName, readoutName, parityName, weightName = "zne", "readout", "parity", "weight"
	leastSquares, ofCircuit                      = "least-squares", "circuit"
)

// None tells whether nothing is done.
func (p Plan) None() bool {
	return len(p.ZNE.Scales) == 0 && p.Readout == AsRead && p.Keep == Symmetry{}
}

// Check returns an error for a plan that cannot be carried out.
func (p Plan) Check() error {
	if p.Readout < AsRead || p.Readout > LeastSquares {
		return errors.Errorf("mitigate: unknown Readout %d", int(p.Readout))
	}
	if err := p.Keep.check(); err != nil {
		return err
	}
	return p.ZNE.check()
}

// Circuits returns how many circuits are run in place of one, each with all shots of the measurement.
func (p Plan) Circuits() int { return max(1, len(p.ZNE.Scales)) }

// Parse returns the plan of a text: parts with a + between them, each given once.
//
//	zne=1,3,5              extrapolation from these scales of the noise, by Richardson
//	zne=1,3,5:linear       the same by another Fit: linear, richardson or exponential
//	zne=1,3:linear:circuit with the circuit folded as a whole, not gate by gate
//	readout                the inverse of the errors of readout
//	readout=least-squares  the nearest distribution
//	parity=0, weight=1     keep outcomes with an even number of ones, or with one
//
// The empty text is nothing. It returns an error for a text of another form.
func Parse(text string) (Plan, error) {
	var p Plan
	if strings.TrimSpace(text) == "" {
		return p, nil
	}
	var seen []string
	for _, part := range splitParts(text) {
		name, value, given := strings.Cut(strings.TrimSpace(part), "=")
		if slices.Contains(seen, name) || name == parityName && slices.Contains(seen, weightName) ||
			name == weightName && slices.Contains(seen, parityName) {
			return Plan{}, errors.Errorf("mitigation %q: %s comes twice, or beside another symmetry", text, name)
		}
		seen = append(seen, name)
		if err := p.set(name, value, given); err != nil {
			return Plan{}, errors.WithMessagef(err, "mitigation %q", text)
		}
	}
	if err := p.Check(); err != nil {
		return Plan{}, errors.WithMessagef(err, "mitigation %q", text)
	}
	return p, nil
}

// splitParts splits a text at each + that is no sign of a number.
func splitParts(text string) (parts []string) {
	for _, part := range strings.Split(text, "+") {
		if n := len(parts); n > 0 && strings.HasSuffix(parts[n-1], "=") {
			parts[n-1] += "+" + part
			continue
		}
		parts = append(parts, part)
	}
	return parts
}

func (p *Plan) set(name, value string, given bool) (err error) {
	switch name {
	case zneName:
		p.ZNE, err = parseZNE(value)
	case readoutName:
		switch {
		case !given:
			p.Readout = Inverse
		case value == leastSquares:
			p.Readout = LeastSquares
		default:
			err = errors.Errorf("%s=%s%s, want %s alone, for the inverse, or %s=%s", readoutName, value,
				suggest.Among(value, []string{leastSquares}), readoutName, readoutName, leastSquares)
		}
	case parityName, weightName:
		n, bad := strconv.Atoi(value)
		if bad != nil || value[0] == '+' {
			return errors.Errorf("%s=%q, want a whole number, such as %s=1", name, value, name)
		}
		p.Keep = Symmetry{Of: Parity, Value: n}
		if name == weightName {
			p.Keep.Of = Weight
		}
	default:
		names := []string{zneName, readoutName, parityName, weightName}
		err = errors.Errorf("no method %q%s; there are %s=1,3,5 (with :linear, :richardson or "+
			":exponential), %s, %s=%s, %s=0 and %s=1, with + between them",
			name, suggest.Among(name, names), zneName, readoutName,
			readoutName, leastSquares, parityName, weightName)
	}
	return err
}

// String returns the text that Parse reads.
func (p Plan) String() string {
	var parts []string
	if len(p.ZNE.Scales) > 0 {
		parts = append(parts, p.ZNE.String())
	}
	switch p.Readout {
	case Inverse:
		parts = append(parts, readoutName)
	case LeastSquares:
		parts = append(parts, readoutName+"="+leastSquares)
	}
	if p.Keep.Of != NoSymmetry {
		parts = append(parts, p.Keep.String())
	}
	return strings.Join(parts, "+")
}
