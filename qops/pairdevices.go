package qops

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/mitigate"
)

// pairDevices are the circuits of a pair of patches that are run, one for each scale of the noise, and what
// is made of their results.
type pairDevices struct {
	circuits []*circuit.Noisy // without errors of readout where these are mitigated
	last     []int            // the qubits that are read
	fit      *mitigate.Extrapolation
	misread  *mitigate.Misread // nil: the results count as they are read
	nearest  bool
}

// mostReadOutcomes bounds the results of a pair, and mostOutcomes those of an image, that are drawn from.
const (
	mostReadOutcomes = 1 << 8
	mostOutcomes     = 1 << 24
)

func newPairDevices(c *circuit.Noisy, last []int, k scoreShape) (pairDevices, error) {
	d := pairDevices{circuits: []*circuit.Noisy{c}, last: last}
	plan := k.mitigation
	if plan.Readout != mitigate.AsRead {
		readout := c.Readout()
		if readout == nil {
			readout = make([]circuit.Confusion, c.Qubits())
		}
		var own []circuit.Confusion
		for _, q := range last {
			if q < 0 || q >= c.Qubits() {
				return d, errors.Errorf("the compiled circuit reads qubit %d of %d", q, c.Qubits())
			}
			own = append(own, readout[q])
		}
		var err error
		if d.misread, err = mitigate.NewMisread(own...); err != nil {
			return d, err
		}
		d.nearest = plan.Readout == mitigate.LeastSquares
		n := d.misread.Outcomes()
		if k.shots.Count > 0 && (n > mostReadOutcomes || k.tokens*k.tokens > mostOutcomes/n) {
			return d, errors.Errorf("want heads of up to 8 qubits and %d results of all pairs of an image "+
				"to mitigate readout with shots, got %d results of each of %d × %d pairs",
				mostOutcomes, n, k.tokens, k.tokens)
		}
		c = unconfused(c)
		d.circuits[0] = c
	}
	if len(plan.ZNE.Scales) == 0 {
		return d, nil
	}
	var err error
	d.circuits, d.fit, err = plan.ZNE.Simulated(c)
	return d, err
}

// unconfused returns a noisy circuit that is read without errors.
func unconfused(c *circuit.Noisy) *circuit.Noisy {
	out := circuit.NewNoisy(c.Qubits())
	for _, s := range c.Steps() {
		if s.Channel.Qubits() > 0 {
			out.Disturb(s.Channel, s.Qubits...)
		} else {
			out.Apply(s.Operation)
		}
	}
	return out
}

// extrapolate returns a value from those at each scale, where noise takes it to a limit, and sets slopes to
// its derivatives by them.
func (d pairDevices) extrapolate(values []float64, limit float64, slopes []float64) float64 {
	if d.fit == nil {
		slopes[0] = 1
		return values[0]
	}
	return d.fit.Value(values, limit, slopes)
}
