package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

// mostDrawn is how many instructions, and lines, of a program are drawn as text.
const mostDrawn = 2000

// programFlags say how a program is run.
type programFlags struct {
	amplitudes, probabilities bool
	shots                     int
	seed                      uint64
}

func (f *programFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.amplitudes, "amplitudes", false, "run FILE, and print the amplitudes of its state")
	flags.BoolVar(&f.probabilities, "probabilities", false,
		"run FILE, and print the probabilities of what is measured at its end, of all qubits if nothing is")
	flags.IntVar(&f.shots, "shots", 0, "run FILE so many times, and count what its bits are at the end")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of --shots")
}

// of returns the flags that were given, of those that a program has alone.
func (programFlags) of(flags *pflag.FlagSet) []string {
	return changed(flags, "amplitudes", "probabilities", "shots", "seed")
}

func changed(flags *pflag.FlagSet, names ...string) []string {
	var out []string
	for _, name := range names {
		if flags.Changed(name) {
			out = append(out, "--"+name)
		}
	}
	return out
}

// isProgram tells whether an argument is a file in OpenQASM: by its name, as .qasm, .qasm2 and .qasm3.
func isProgram(name string) bool {
	ending := strings.ToLower(filepath.Ext(name))
	return ending == ".qasm" || ending == ".qasm2" || ending == ".qasm3"
}

// runProgram draws, counts, converts or runs a program.
func runProgram(cmd *cobra.Command, file string, f circuitFlags) error {
	if wrong := changed(cmd.Flags(), "model", "size", "block", "head"); len(wrong) > 0 {
		return usageError{errors.Errorf("%s is a program: leave out %s", file, strings.Join(wrong, " and "))}
	}
	if cmd.Flags().Changed("shots") && f.shots < 1 {
		return usageError{errors.Errorf("shots is %d, want at least 1", f.shots)}
	}
	if wrong := f.programFlags.of(cmd.Flags()); f.qasm != 0 && len(wrong) > 0 {
		return usageError{errors.Errorf("--qasm prints the program and does not run it: leave out %s",
			strings.Join(wrong, " and "))}
	}
	if cmd.Flags().Changed("seed") && f.shots == 0 {
		return usageError{errors.New("--seed is that of --shots, which is not given")}
	}
	if f.svg != "" {
		if err := checkOutput("svg", f.svg, []string{file}, svgFile); err != nil {
			return err
		}
	}
	d, err := readProgram(file)
	if err != nil {
		return err
	}
	for _, n := range d.Notes {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", file, n)
	}
	if f.svg != "" {
		o := circuit.DrawOptions{Width: svgWidth}
		if err := f.save(func(w io.Writer) error { return d.WriteSVG(w, o) }); err != nil {
			return err
		}
	}
	out := cmd.OutOrStdout()
	if f.qasm != 0 {
		return errors.WithMessage(qasm.WriteDynamic(out, d, f.qasm), file)
	}
	f.show(out, d)
	return errors.WithMessage(f.programFlags.run(cmd.Context(), out, d), file)
}

func readProgram(name string) (*circuit.Dynamic, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, errors.Wrap(err, "circuit")
	}
	defer file.Close()
	d, err := qasm.ParseDynamic(file)
	return d, errors.WithMessage(err, name)
}

// show prints the drawing and the counts of a program.
func (f circuitFlags) show(out io.Writer, d *circuit.Dynamic) {
	n := 0
	d.Each(func(*circuit.Instruction) { n++ })
	switch {
	case f.svg != "":
		fmt.Fprintln(out, f.svg)
	case n > mostDrawn || d.Qubits()+len(d.BitRegisters) > mostDrawn:
		fmt.Fprintf(out, "not drawn: %d instructions on %d qubits, at most %d of each are; --svg has no limit\n",
			n, d.Qubits(), mostDrawn)
	case n > 0:
		fmt.Fprint(out, d.Draw(circuit.DrawOptions{ASCII: f.ascii, Width: f.width}))
	}
	fmt.Fprintln(out, d.Resources())
	_, readout, err := d.Unitary()
	switch {
	case err != nil:
		fmt.Fprintf(out, "not a unitary: %s\n", strings.TrimPrefix(err.Error(), "circuit: "))
	case len(readout) > 0:
		fmt.Fprintf(out, "a unitary, and at its end %s\n", measuredText(d, readout))
	default:
		fmt.Fprintln(out, "a unitary")
	}
}

// measuredText returns which qubits are measured into which bits: q[0] into c[0], q[1] into c[1], …
func measuredText(d *circuit.Dynamic, readout []circuit.Readout) string {
	const most = 8
	var parts []string
	for _, r := range readout[:min(len(readout), most)] {
		part := d.QubitName(r.Qubit)
		if r.Bit >= 0 {
			part += " into " + d.BitName(r.Bit)
		}
		parts = append(parts, part)
	}
	text := strings.Join(parts, ", ")
	if more := len(readout) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return "measures " + text
}

// table prints at most so many rows: the largest ones, in the order of their names.
func table(out io.Writer, names []string, weight func(string) float64, row func(string) string) {
	const most = 64
	shown := slices.Clone(names)
	if len(shown) > most {
		slices.SortStableFunc(shown, func(a, b string) int {
			if d := weight(b) - weight(a); d != 0 {
				return int(d / max(d, -d))
			}
			return strings.Compare(a, b)
		})
		shown = shown[:most]
	}
	slices.Sort(shown)
	for _, name := range shown {
		fmt.Fprintln(out, row(name))
	}
	if more := len(names) - len(shown); more > 0 {
		fmt.Fprintf(out, "and %d smaller ones\n", more)
	}
}
