package cli

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/qops/analysis"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
	"github.com/hqvit/hqvit/vit"
)

// analyseFlags say what is analysed, and how.
type analyseFlags struct {
	ansatz  []string
	qubits  int
	layers  []int
	plateau []int
	fourier string
	pauli   string

	samples, threads int
	seed             uint64
	json             bool
	svg              string
}

func (p program) analyseCommand() *cobra.Command {
	var f analyseFlags
	cmd := &cobra.Command{
		Use:     "analyse [DIR|FILE.qasm]",
		Aliases: []string{"analyze"},
		Short:   "Measure circuits: expressibility, entanglement, vanishing gradients, Fourier spectra",
		Long: `Measure what circuits can do, whatever they are used for. Without an argument, the ansätze of
--ansatz with --qubits and --layers; with FILE.qasm, that program, whose inputs are its angles; with
DIR, a run or a file of weights, the matrix W of every trained head of quantum attention, whose squared
entries between patches are the overlaps.

Angles are drawn evenly from (−π, π], --samples times for each figure, from --seed:

  expressibility  divergence of the fidelities of pairs of states from those of random states: 0 is best.
                  The fewer --samples, the larger it comes out: random states, too, have what the last line
                  says, and circuits near that are not told apart from them
  entanglement    mean Meyer-Wallach measure of the states: 0 for products
  Fisher rank     directions of the angles that move the state, and outcomes: the effective dimension
                  is how many of the angles 1000 examples can tell apart
  Lie dimension   of the algebra of the generators: 4^n−1 where every unitary can be reached
  gradient        mean variance of the derivatives of ⟨ZZ⟩ of the first two qubits

--plateau 2,4,6,8 takes the variance for each of these numbers of qubits, of local and of global costs,
and fits the rate at which it falls. --fourier x takes the Fourier spectrum of --pauli by an input x of
FILE.qasm.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runAnalyse(cmd, args, f) },
	}
	var names []string
	for _, a := range p.names.AllAnsatzes() {
		names = append(names, a.Name)
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&f.ansatz, "ansatz", nil, "`names` of: "+strings.Join(names, ", ")+" (default: all)")
	flags.IntVar(&f.qubits, "qubits", 4, "qubits of an ansatz")
	flags.IntSliceVar(&f.layers, "layers", []int{1, 2, 3}, "layers of an ansatz, one row for each `number`")
	flags.IntSliceVar(&f.plateau, "plateau", nil, "take the variance of gradients for these `numbers` of qubits")
	flags.StringVar(&f.fourier, "fourier", "", "take the Fourier spectrum by this `input` of FILE.qasm")
	flags.StringVar(&f.pauli, "pauli", "", "the Pauli `string` that --fourier measures, such as ZI, the "+
		"first letter "+
		"that of the first qubit (default: Z on the first)")
	flags.IntVar(&f.samples, "samples", 0, "draws of the angles for each figure (0: 5000; 100 for Fisher "+
		"information and spectra)")
	flags.Uint64Var(&f.seed, "seed", 0, "seed of the angles")
	registerThreads(cmd, &f.threads)
	flags.BoolVar(&f.json, "json", false, "print one line of JSON")
	flags.StringVar(&f.svg, "svg", "", "draw the figures of ansätze, or the spectrum, into an SVG `file`")
	return cmd
}

func (f analyseFlags) sampling() analysis.Sampling {
	return analysis.Sampling{Samples: f.samples, Seed: f.seed, Threads: f.threads}
}

func (p program) runAnalyse(cmd *cobra.Command, args []string, f analyseFlags) error {
	if err := f.check(cmd, args); err != nil {
		return err
	}
	var result analysed
	var err error
	switch ctx := cmd.Context(); {
	case len(args) == 1 && isProgram(args[0]):
		result, err = f.program(ctx, args[0])
	case len(args) == 1:
		result, err = p.learned(args[0])
	case len(f.plateau) > 0:
		result, err = p.plateaus(ctx, f)
	default:
		result, err = p.ansatzes(ctx, f)
	}
	if err != nil {
		return err
	}
	if f.svg != "" {
		if err := atomicfile.Write(f.svg, func(w io.Writer) error { return result.draw(w) }); err != nil {
			return err
		}
	}
	out := cmd.OutOrStdout()
	if f.json {
		return errors.WithStack(json.NewEncoder(out).Encode(result))
	}
	return result.write(out, f.svg)
}

// check returns a usage error for flags that do not go together.
func (f analyseFlags) check(cmd *cobra.Command, args []string) error {
	flags := cmd.Flags()
	file := len(args) == 1 && isProgram(args[0])
	switch {
	case f.samples < 0 || f.samples == 1:
		return usageError{errors.Errorf("--samples is %d, want 0 for the default, or at least 2", f.samples)}
	case len(args) == 1 && len(changed(flags, "ansatz", "qubits", "layers", "plateau")) > 0:
		return usageError{errors.Errorf("%s is what is analysed: leave out %s", args[0],
			strings.Join(changed(flags, "ansatz", "qubits", "layers", "plateau"), " and "))}
	case !file && len(changed(flags, "fourier", "pauli")) > 0:
		return usageError{errors.Errorf("%s: want a program with an input, FILE.qasm",
			strings.Join(changed(flags, "fourier", "pauli"), " and "))}
	case f.pauli != "" && f.fourier == "":
		return usageError{errors.New("--pauli is what --fourier measures: name an input by --fourier")}
	case len(args) == 1 && !file && len(changed(flags, "samples", "seed", "svg")) > 0:
		return usageError{errors.Errorf("the angles of %s are the learned ones, and nothing is drawn: leave out %s",
			args[0], strings.Join(changed(flags, "samples", "seed", "svg"), " and "))}
	case file && f.fourier == "" && f.svg != "":
		return usageError{errors.New("--svg draws the figures of ansätze, or with --fourier a spectrum")}
	case len(f.plateau) == 1:
		return usageError{errors.New("--plateau: want at least two numbers of qubits, such as 2,4,6,8")}
	}
	for _, n := range append(append([]int{f.qubits}, f.layers...), f.plateau...) {
		if n < 1 || n > 20 {
			return usageError{errors.Errorf("--qubits, --layers and --plateau: want numbers of 1 to 20, got %d", n)}
		}
	}
	if f.svg != "" {
		return checkOutput("svg", f.svg, args, svgFile)
	}
	return nil
}

// chosen returns the ansätze that the flags name.
func (f analyseFlags) chosen(names vit.Catalog) ([]vit.Ansatz, error) {
	all := names.AllAnsatzes()
	if len(f.ansatz) == 0 {
		return all, nil
	}
	var out []vit.Ansatz
	for _, name := range f.ansatz {
		a, err := names.FindAnsatz(name)
		if err != nil {
			return nil, usageError{errors.WithMessage(err, "--ansatz")}
		}
		out = append(out, a)
	}
	return out, nil
}

// program analyses a program.
func (f analyseFlags) program(ctx context.Context, name string) (analysed, error) {
	file, err := os.Open(name)
	if err != nil {
		return analysed{}, errors.Wrap(err, "circuit analyse")
	}
	defer file.Close()
	d, err := qasm.ParseDynamic(file)
	if err != nil {
		return analysed{}, errors.WithMessage(err, name)
	}
	c, _, err := d.Unitary()
	if err != nil {
		return analysed{}, errors.WithMessagef(err, "%s: want gates, and measurements at the end alone", name)
	}
	if f.fourier != "" {
		return f.spectrum(ctx, name, c, d.Inputs)
	}
	row, err := f.figures(ctx, filepath.Base(name), 0, c)
	if err == nil && c.Qubits() > 1 {
		row.Entropy, err = analysis.EntropyAlong(ctx, c, 0, analysis.Sampling{Seed: f.seed, Threads: f.threads})
	}
	return analysed{Circuits: []circuitFigures{row}}, errors.WithMessage(err, name)
}
