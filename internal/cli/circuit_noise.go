package cli

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// mostNoisyQubits is how many qubits a program with noise may have, so that its outcomes fit into memory.
const mostNoisyQubits = 24

// checkNoise returns an error for --noise and --trajectories that do not fit the other flags.
func (f programFlags) checkNoise(flags *pflag.FlagSet) error {
	switch given := flags.Changed("noise"); {
	case flags.Changed("trajectories") && !given:
		return usageError{errors.New("--trajectories are runs with errors of --noise, which is not given")}
	case flags.Changed("trajectories") && f.trajectories < 1:
		return usageError{errors.Errorf("trajectories is %d, want at least 1", f.trajectories)}
	case given && f.amplitudes:
		return usageError{errors.New("a program with noise ends in a mixed state, which has no amplitudes: want " +
			"--probabilities or --shots with --noise")}
	case given && !f.probabilities && f.shots == 0:
		return usageError{errors.New("--noise: want what is run with it, --probabilities or --shots N")}
	}
	return checkNoise(f.noise, "")
}

// noisy prints probabilities and counts of a program that is run with noise.
func (f programFlags) noisy(out io.Writer, d *circuit.Dynamic) error {
	c, readout, err := d.Unitary()
	if err != nil {
		return errors.WithMessage(err, "no noise, only --shots without")
	}
	noisy, err := f.disturbed(c)
	if err != nil {
		return err
	}
	names, qubits := outcome(d, readout)
	read := slices.Clone(qubits) // each once
	slices.Sort(read)
	read = slices.Compact(read)
	p, stderr, err := statevec.NoisyProbabilities(noisy, read, f.trajectories, f.seed, runtime.GOMAXPROCS(0))
	if err != nil {
		return err
	}
	text := func(i int) string {
		bits := make([]byte, len(qubits))
		for j, q := range qubits {
			bits[j] = '0' + byte(i>>(len(read)-1-slices.Index(read, q))&1)
		}
		return string(bits)
	}
	how := "on a density matrix"
	if f.trajectories > 0 {
		how = fmt.Sprintf("by %s, seed %d", words.Count(f.trajectories, "trajectory"), f.seed)
	}
	fmt.Fprintf(out, "with the noise %s, %s\n", f.noise, how)
	if f.probabilities {
		fmt.Fprintf(out, "probabilities of %s\n", strings.Join(names, " "))
		f.printNoisy(out, p, stderr, text)
	}
	if f.shots == 0 {
		return nil
	}
	h := splitmix.NewHistogram(len(p))
	for i, v := range p {
		h.Weights()[i] = max(0, v)
	}
	random := splitmix.Source(splitmix.Mix(^f.seed))
	shown := map[string]int{}
	for i, n := range h.Draw(f.shots, &random) {
		if n > 0 {
			shown[text(i)] += n
		}
	}
	printCounts(out, f.shots, f.seed, names, shown)
	return nil
}

// disturbed returns a circuit with the noise behind its gates, of which those on more than two qubits are
// taken apart first.
func (f programFlags) disturbed(c *circuit.Circuit) (*circuit.Noisy, error) {
	switch n := c.Qubits(); {
	case n > statevec.MaxDensityQubits && f.trajectories == 0:
		return nil, errors.Errorf("noise on %d qubits takes runs with random errors, --trajectories N: a "+
			"density matrix "+
			"is for at most %d", n, statevec.MaxDensityQubits)
	case n > mostNoisyQubits:
		return nil, errors.Errorf("want at most %d qubits with noise, got %d", mostNoisyQubits, n)
	}
	noise, err := circuit.ParseNoise(f.noise)
	if err != nil {
		return nil, err
	}
	small := func(g circuit.Operation) bool { return len(g.AllQubits()) <= 2 }
	if c, err = c.Decompose(circuit.IntoParts(small)); err != nil {
		return nil, err
	}
	return noise.Apply(c)
}

// printNoisy prints probabilities, with the standard errors of estimates.
func (f programFlags) printNoisy(out io.Writer, p, stderr []float64, text func(i int) string) {
	index := map[string]int{}
	var outcomes []string
	for i, v := range p {
		if math.Abs(v) > 1e-12 {
			t := text(i)
			index[t], outcomes = i, append(outcomes, t)
		}
	}
	table(out, outcomes, func(s string) float64 { return p[index[s]] }, func(s string) string {
		i := index[s]
		switch {
		case f.trajectories == 0:
			return fmt.Sprintf("%s  %.6f", s, p[i])
		case f.trajectories == 1: // which has no spread
			return fmt.Sprintf("%s  %.6f ± ?", s, rounded(p[i]))
		}
		return fmt.Sprintf("%s  %.6f ± %.6f", s, rounded(p[i]), stderr[i])
	})
}
