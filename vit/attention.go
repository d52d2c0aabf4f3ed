package vit

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/device"
	"github.com/hqvit/hqvit/qops/mitigate"
)

// checkAttention checks the heads, the score, and how its circuits are run.
func (c Config) checkAttention() error {
	if err := checkFields([]field{{"heads", c.Heads, 1}}); err != nil {
		return err
	}
	if _, err := op.HeadWidth(c.Width(), c.Heads); err != nil {
		return errors.WithMessage(err, "vit")
	}
	score, err := c.FindScore()
	n := c.names()
	switch {
	case err != nil:
	case score.Circuits && c.Layers < 1:
		err = errors.Errorf("vit: layers is %d, want at least 1 for the circuits of score %s",
			c.Layers, c.Score)
	case c.Ansatz != "" && !score.Ansatz:
		err = errors.Errorf("vit: ansatz is %q for score %s, which has none: want it with one of %s",
			c.Ansatz, c.Score, n.scoresWith(func(s Score) bool { return s.Ansatz }))
	case c.Shots < 0:
		err = errors.Errorf("vit: shots is %d, want 0 for exact values, or more", c.Shots)
	case c.Shots > 0 && !score.Circuits:
		err = errors.Errorf("vit: shots is %d for score %s, which has no circuit: want shots with one of %s",
			c.Shots, c.Score, n.scoresWith(func(s Score) bool { return s.Circuits }))
	case c.Noise+c.Device != "" && !score.Noise:
		err = errors.Errorf("vit: score %s can have no noise and no device: want these with one of %s",
			c.Score, n.scoresWith(func(s Score) bool { return s.Noise }))
	case c.Noise != "" && c.Device != "":
		err = errors.Errorf("vit: noise is %q and device %q: want one of them, a device has noise of its own",
			c.Noise, c.Device)
	case c.Mitigation != "" && c.Noise+c.Device == "":
		err = errors.Errorf("vit: mitigation is %q, and there is no noise to mitigate: want noise or "+
			"device with it",
			c.Mitigation)
	default:
		_, err = c.newScore(score)
	}
	return err
}

// compilerSeed is that of the circuits on a device, so that a model is one thing.
const compilerSeed = 1

// newScore calls New of the row of the score.
func (c Config) newScore(row Score) (score nn.Score, err error) {
	o := ScoreOptions{Layers: c.Layers, Shots: c.Shots}
	if o.Fields, err = c.Fields.read(row.Fields); err != nil {
		return nil, errors.WithMessagef(err, "vit: score %s", row.Name)
	}
	if o.Mitigation, err = ParseMitigation(c.Mitigation); err != nil {
		return nil, errors.WithMessage(err, "vit")
	}
	a, err := c.ansatz()
	if err != nil {
		return nil, err
	}
	if o.Noise, err = circuit.ParseNoise(c.Noise); err != nil {
		return nil, errors.WithMessage(err, "vit")
	}
	if c.Device != "" {
		d, err := device.Open(c.Device)
		if err != nil {
			return nil, errors.WithMessage(err, "vit")
		}
		o.Compile = func(c *circuit.Circuit) (*circuit.Noisy, []int, error) { return d.Compile(c, compilerSeed) }
	}
	if row.Circuits {
		if o.Ansatz, err = a.Build(c.Layers); err != nil {
			return nil, err
		}
	}
	defer foreign.Recover(&err, "function New of score "+row.Name, row.New)
	if score = row.New(o); score == nil {
		err = errors.Errorf("vit: New of score %s returns nil, want a score", row.Name)
	}
	return score, err
}

// ParseMitigation returns the plan of a text as Config.Mitigation has it. It returns the errors of
// mitigate.Parse, and one for what attention cannot have: a symmetry, and circuits folded as a whole.
func ParseMitigation(text string) (mitigate.Plan, error) {
	p, err := mitigate.Parse(text)
	if err == nil && (p.Keep.Of != mitigate.NoSymmetry || p.ZNE.Circuit) {
		err = errors.Errorf("mitigation %q: the circuits of attention conserve no number of ones, and are "+
			"folded gate by gate: want zne without :circuit, and readout", text)
	}
	return p, err
}
