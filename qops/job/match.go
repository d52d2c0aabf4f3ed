package job

import (
	"math"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/device"
)

// Numbers of a job and of one that is made anew on another machine may differ by rounding: the image that a
// head sees is of float32.
const matchShares, matchShifts, matchAngles = 1e-5, 1e-9, 1e-4

// Matches returns nil if the job is the one that Whole or Pairs makes of the head, by the same options: the
// same shares, shifts and programs, up to rounding. The circuits are compared unless they are for a device
// that is not built in, whose file may have changed since. It returns an error that says what differs, and
// those of Whole and Pairs.
func (j *Job) Matches(h Head) error {
	return errors.WithMessage(j.matches(h), "the job is not the one that is made of the model and the image")
}

func (j *Job) matches(h Head) error {
	if j == nil || j.Kind != WholeImage && j.Kind != PatchPairs {
		return errors.New("want a job of a head, of Whole or Pairs")
	}
	o, compiled := Options{QASM: j.QASM, Seed: j.Seed, Shots: j.Shots, Gradient: j.HasGradient()}, true
	if j.Device != nil {
		d, err := device.Named(j.Device.Path)
		if compiled = err == nil; compiled {
			o.Device, o.Path = &d, j.Device.Path
		}
	}
	make := whole
	if j.Kind == PatchPairs {
		make = pairs
	}
	want, err := make(h, o)
	switch {
	case err != nil:
		return err
	case j.Tokens != want.Tokens || j.Width != want.Width || j.Angles != want.Angles:
		return errors.Errorf("%d patches of %d values and %d angles, want %d of %d and %d", j.Tokens, j.Width,
			j.Angles, want.Tokens, want.Width, want.Angles)
	case compiled && j.Device != nil && *j.Device != *want.Device:
		return errors.Errorf("the device is %v, want %v", *j.Device, *want.Device)
	case len(j.Programs) != len(want.Programs):
		return errors.Errorf("%d programs, want %d", len(j.Programs), len(want.Programs))
	case len(j.Shares) != len(want.Shares):
		return errors.Errorf("%d shares, want %d", len(j.Shares), len(want.Shares))
	}
	for i, s := range want.Shares {
		if !(math.Abs(j.Shares[i]-s) <= matchShares) {
			return errors.Errorf("the share of patch %d is %.6g, want %.6g", i, j.Shares[i], s)
		}
	}
	for i, p := range want.Programs {
		got := j.Programs[i]
		if err := got.matches(p); err != nil {
			return errors.WithMessagef(err, "program %s", p.Name)
		}
		if !compiled {
			continue
		}
		text, err := want.text(p)
		if err == nil && Digest(text) != got.SHA256 {
			err = got.sameCircuit(p, text)
		}
		if err != nil {
			return errors.WithMessagef(err, "program %s", p.Name)
		}
	}
	return nil
}

// matches returns an error unless the manifest says of a program what it says of another.
func (p Program) matches(want Program) error {
	switch {
	case p.Name != want.Name || !slices.Equal(p.Pair, want.Pair) || !slices.Equal(p.Bits, want.Bits):
		return errors.Errorf("the name, pair and bits are %s, %v, %q, want %s, %v, %q", p.Name, p.Pair, p.Bits,
			want.Name, want.Pair, want.Bits)
	case (p.Shift == nil) != (want.Shift == nil):
		return errors.New("it has a shift and should not, or the other way round")
	case p.Shift == nil:
		return nil
	}
	a, b := *p.Shift, *want.Shift
	off := max(math.Abs(a.By-b.By), math.Abs(a.Factor-b.Factor))
	if a.Angle != b.Angle || !(off <= matchShifts) {
		return errors.Errorf("the shift is %+v, want %+v", a, b)
	}
	return nil
}

// sameCircuit returns an error unless a program is the other one, of that text, up to rounding.
func (p Program) sameCircuit(want Program, text []byte) error {
	if !slices.Equal(p.Qubits, want.Qubits) || !slices.Equal(p.Layout, want.Layout) {
		return errors.New("it has another layout")
	}
	if err := want.load(text); err != nil { // written and read, as p was
		return err
	}
	if p.circuit == nil || !slices.EqualFunc(p.circuit.Operations(), want.circuit.Operations(), sameGate) {
		return errors.New("it has other gates: another version of this package has written it, or it was " +
			"changed")
	}
	return nil
}

func sameGate(a, b circuit.Operation) bool {
	return a.Gate.Name() == b.Gate.Name() && slices.Equal(a.Controls, b.Controls) &&
		slices.Equal(a.Qubits, b.Qubits) && slices.EqualFunc(a.Angles, b.Angles, func(a, b circuit.Angle) bool {
		return math.Abs(math.Remainder(a.Value(nil, nil)-b.Value(nil, nil), 4*math.Pi)) <= matchAngles
	})
}
