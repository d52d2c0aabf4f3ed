package mitigate_test

import (
	"math"
	"testing"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/mitigate"
)

// Every exported function with values that a user gets wrong.
func TestMisuse(t *testing.T) {
	wrong, harmless := apitest.Wrong, apitest.Harmless
	two := mitigate.ZNE{Scales: []float64{1, 3}}
	one := circuit.NewNoisy(1).Apply(circuit.New(1).H(0).Operations()[0])
	broken := circuit.NewNoisy(1).Disturb(circuit.Channel{}, 7)
	misread, err := mitigate.NewMisread(circuit.Confusion{P10: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	e, err := two.At([]float64{1, 3})
	if err != nil {
		t.Fatal(err)
	}
	var none *mitigate.Misread
	var nothing *mitigate.Extrapolation
	calls := []apitest.Misuse{
		wrong("Parse", "no method", func() error { _, err := mitigate.Parse("=+"); return err }),
		wrong("Plan.Check", "a method that is none", func() error { return mitigate.Plan{Readout: -1}.Check() }),
		wrong("ZNE.Coefficients", "no scales", func() error {
			_,
				err := mitigate.ZNE{}.Coefficients()
			return err
		}),
		wrong("ZNE.Coefficients", "NaN", func() error {
			_, err := mitigate.ZNE{Scales: []float64{1, math.NaN()}}.Coefficients()
			return err
		}),
		wrong("ZNE.Variance", "equal scales", func() error {
			_, err := mitigate.ZNE{Scales: []float64{1, 1}}.Variance()
			return err
		}),
		wrong("ZNE.At", "another number", func() error { _, err := two.At([]float64{1}); return err }),
		wrong("ZNE.At", "falling", func() error { _, err := two.At([]float64{3, 1}); return err }),
		wrong("ZNE.Fold", "nil", func() error { _, _, err := two.Fold(nil); return err }),
		wrong("ZNE.Simulated", "a broken circuit", func() error { _, _, err := two.Simulated(broken); return err }),
		wrong("Fold", "NaN", func() error { _, _, err := mitigate.Fold(one, math.NaN(), true); return err }),
		wrong("Fold", "zero value", func() error {
			_, _,
				err := mitigate.Fold(&circuit.Noisy{}, 3, false)
			return err
		}),
		wrong("NewMisread", "no probability", func() error {
			_, err := mitigate.NewMisread(circuit.Confusion{P10: math.NaN()})
			return err
		}),
		wrong("Misread.Read", "nil", func() error { return none.Read([]float64{1}) }),
		wrong("Misread.Invert", "other outcomes", func() error { return misread.Invert(nil) }),
		wrong("Misread.InvertBack", "other outcomes",
			func() error { return misread.InvertBack(make([]float64, 3)) }),
		harmless("Misread.Outcomes", "nil", func() { none.Outcomes() }),
		harmless("Misread.Variance", "nil", func() { none.Variance() }),
		harmless("Extrapolation.Value", "nil", func() { nothing.Value(nil, 0, nil) }),
		harmless("Extrapolation.Value", "lengths", func() { e.Value([]float64{1}, 0, make([]float64, 5)) }),
		harmless("Extrapolation.Value", "NaN", func() {
			e.Value([]float64{math.NaN(), math.Inf(1)},
				math.NaN(), nil)
		}),
		harmless("Nearest", "nothing, and NaN", func() {
			mitigate.Nearest(nil)
			mitigate.Nearest(
				[]float64{math.NaN(), 1})
		}),
		harmless("NearestBack", "lengths", func() { mitigate.NearestBack([]float64{1, 2}, []bool{true}) }),
		harmless("Symmetry.Select", "nothing", func() {
			mitigate.Symmetry{Of: mitigate.Weight,
				Value: 9}.Select(nil)
		}),
		harmless("Symmetry.SelectBack", "lengths", func() {
			mitigate.Symmetry{Of: mitigate.Parity}.SelectBack([]float64{1, 2, 3}, []float64{1}, 0.5)
		}),
		harmless("Symmetry.Allows", "a negative outcome", func() { _ = mitigate.Symmetry{Of: 9}.Allows(-1) }),
	}
	const printed = "takes any value; Prints tries it"
	for _, p := range []mitigate.Plan{{}, {Readout: 9, Keep: mitigate.Symmetry{Of: -1}}, {ZNE: two}} {
		calls = append(calls, harmless("Plan.None", p.String(), func() { p.None() }),
			harmless("Plan.Circuits", p.String(), func() { p.Circuits() }))
	}
	apitest.Check(t, ".", calls, map[string]string{"Plan.String": printed, "Symmetry.String": printed,
		"Fit.String": printed, "ZNE.String": printed})
	apitest.Prints(t, mitigate.Plan{}, mitigate.Plan{Readout: 9}, mitigate.ZNE{}, mitigate.Fit(-3),
		mitigate.Symmetry{}, mitigate.Extrapolation{}, mitigate.Misread{})
}
