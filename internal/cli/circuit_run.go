package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"math/cmplx"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// run prints what the flags ask for.
func (f programFlags) run(ctx context.Context, out io.Writer, d *circuit.Dynamic) error {
	if !f.amplitudes && !f.probabilities && f.shots == 0 {
		return nil
	}
	switch r := d.Resources(); {
	case r.Theta+r.Data > 0:
		return missingInputs(d)
	case r.Qubits == 0:
		return errors.New("the program declares no qubits: there is nothing to run")
	case r.Qubits > 40 || largestStates/8>>(r.Qubits+1) == 0:
		return errors.Errorf("a state of %d qubits needs more than %d GiB, want fewer", r.Qubits,
			largestStates>>30)
	}
	if f.noise != "" {
		return f.noisy(out, d)
	}
	if f.amplitudes || f.probabilities {
		if err := f.exact(out, d); err != nil {
			return err
		}
	}
	if f.shots > 0 {
		return f.sample(ctx, out, d)
	}
	return nil
}

// missingInputs names the inputs that the angles of a program depend on.
func missingInputs(d *circuit.Dynamic) error {
	used := map[circuit.Angle]bool{}
	d.Each(func(in *circuit.Instruction) {
		for _, a := range in.Angles {
			used[circuit.Angle{Source: a.Source, Index: a.Index, Scale: 1}] = true
		}
	})
	var names, values []string
	for _, in := range d.Inputs {
		if used[in.Angle] {
			names, values = append(names, in.Name), append(values, in.Name+"=pi/4")
		}
	}
	return errors.Errorf("%s %s no value: give numbers, as in --input %s", words.Noun(len(names), "input")+" "+
		words.List(names, "and"), map[bool]string{true: "has", false: "have"}[len(names) == 1],
		strings.Join(values, ","))
}

// exact prints amplitudes and probabilities.
func (f programFlags) exact(out io.Writer, d *circuit.Dynamic) error {
	c, readout, err := d.Unitary()
	if err != nil {
		return errors.WithMessage(err, "no amplitudes or probabilities, only --shots")
	}
	plan, err := statevec.Compile[float64](c)
	if err != nil {
		return err
	}
	psi := make([]float64, plan.Width())
	psi[0] = 1
	if err := plan.NewExecutor(1).Apply(1, nil, nil, psi, psi); err != nil {
		return err
	}
	if f.amplitudes {
		qubits := make([]string, c.Qubits())
		for q := range qubits {
			qubits[q] = d.QubitName(q)
		}
		fmt.Fprintf(out, "amplitudes of |%s⟩\n", strings.Join(qubits, " "))
		amplitudes := map[string]complex128{}
		for i := range len(psi) / 2 {
			if a := complex(psi[2*i], psi[2*i+1]); cmplx.Abs(a) > 1e-12 {
				amplitudes[stateText(i, c.Qubits())] = a
			}
		}
		table(out, slices.Collect(maps.Keys(amplitudes)), func(s string) float64 {
			return cmplx.Abs(amplitudes[s])
		},
			func(s string) string {
				a := amplitudes[s]
				return fmt.Sprintf("%s  %+.6f %+.6fi", s, rounded(real(a)), rounded(imag(a)))
			})
	}
	if f.probabilities {
		printProbabilities(out, d, psi, readout)
	}
	return nil
}

// rounded returns a number as it is printed, where −0 is 0.
func rounded(x float64) float64 { return math.Round(x*1e6)/1e6 + 0 }

// stateText returns a state as a text of 0 and 1, qubit 0 first.
func stateText(state, qubits int) string { return fmt.Sprintf("%0*b", qubits, state) }

// outcome returns what the bits of an outcome are called, and the qubit that each is read from: of the bits
// that are measured, of all qubits if there are none.
func outcome(d *circuit.Dynamic, readout []circuit.Readout) (names []string, qubits []int) {
	bit := map[int]int{} // the qubit that a bit is measured from
	for _, r := range readout {
		if r.Bit >= 0 {
			bit[r.Bit] = r.Qubit
		}
	}
	for _, b := range slices.Sorted(maps.Keys(bit)) {
		names, qubits = append(names, d.BitName(b)), append(qubits, bit[b])
	}
	for q := 0; q < d.Qubits() && len(bit) == 0; q++ {
		names, qubits = append(names, d.QubitName(q)), append(qubits, q)
	}
	return names, qubits
}

// printProbabilities prints those of the outcomes of a state.
func printProbabilities(out io.Writer, d *circuit.Dynamic, psi []float64, readout []circuit.Readout) {
	names, qubits := outcome(d, readout)
	fmt.Fprintf(out, "probabilities of %s\n", strings.Join(names, " "))
	n := d.Qubits()
	sums := map[string]float64{}
	text := make([]byte, len(qubits))
	for i := range len(psi) / 2 {
		p := psi[2*i]*psi[2*i] + psi[2*i+1]*psi[2*i+1]
		if p < 1e-24 {
			continue
		}
		for j, q := range qubits {
			text[j] = '0' + byte(i>>(n-1-q)&1)
		}
		sums[string(text)] += p
	}
	table(out, slices.Collect(maps.Keys(sums)), func(s string) float64 { return sums[s] },
		func(s string) string { return fmt.Sprintf("%s  %.6f", s, sums[s]) })
}

// sample prints counts; a program without measurements is measured at its end.
func (f programFlags) sample(ctx context.Context, out io.Writer, d *circuit.Dynamic) error {
	measured := false
	d.Each(func(in *circuit.Instruction) { measured = measured || len(in.Bits) > 0 })
	names := make([]string, 0, d.Bits())
	for b := range d.Bits() {
		names = append(names, d.BitName(b))
	}
	if !measured {
		n, first := d.Qubits(), d.Bits()
		all := *d
		all.BitRegisters = append(slices.Clone(d.BitRegisters), circuit.Register{Name: "measured", Size: n})
		in := circuit.Instruction{Kind: circuit.Measure}
		names = nil
		for q := range n {
			in.Qubits, in.Bits = append(in.Qubits, q), append(in.Bits, first+q)
			names = append(names, d.QubitName(q))
		}
		all.Body = append(slices.Clone(d.Body), in)
		d = &all
	}
	counts, err := statevec.Sample(ctx, d, nil, nil, f.shots, f.seed)
	if err != nil {
		return err
	}
	shown := map[string]int{}
	for text, n := range counts {
		shown[text[len(text)-len(names):]] += n
	}
	printCounts(out, f.shots, f.seed, names, shown)
	return nil
}

// printCounts prints how often each outcome came.
func printCounts(out io.Writer, shots int, seed uint64, names []string, counts map[string]int) {
	fmt.Fprintf(out, "%s of %s, seed %d\n", words.Count(shots, "shot"), strings.Join(names, " "), seed)
	table(out, slices.Collect(maps.Keys(counts)), func(s string) float64 { return float64(counts[s]) },
		func(s string) string { return fmt.Sprintf("%s  %d", s, counts[s]) })
}
