package cli

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

	"github.com/hqvit/hqvit/internal/words"
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
	input                     []string
	strict                    bool
	noise                     string
	trajectories              int
}

func (f *programFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.amplitudes, "amplitudes", false, "run FILE, and print the amplitudes of its state")
	flags.BoolVar(&f.probabilities, "probabilities", false,
		"run FILE, and print the probabilities of what is measured at its end, of all qubits if nothing is")
	flags.IntVar(&f.shots, "shots", 0, "run FILE so many times, and count what its bits are at the end; "+
		"with --image how many are recommended")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of --shots and --trajectories; with --image that of the compiler")
	flags.StringVar(&f.noise, "noise", "", "run FILE with noise behind its gates: `CHANNEL`=NUMBER,…, such as "+
		"depolarizing=0.01,readout=0.02; exactly for up to 13 qubits, else with --trajectories")
	flags.IntVar(&f.trajectories, "trajectories", 0, "estimate probabilities with noise from `N` runs with "+
		"random errors")
	flags.StringArrayVar(&f.input, "input", nil, "give inputs of FILE values, `NAME=VALUE`, ... with "+
		"expressions "+
		"of OpenQASM: theta=0.3,phi=pi/4; can be repeated")
	flags.BoolVar(&f.strict, "strict", false,
		"refuse FILE where it would be read with a note: undeclared registers, no header, delays and such")
}

// of returns the flags that were given, of those that a program has alone.
func (f programFlags) of(flags *pflag.FlagSet) []string {
	return append(f.running(flags), changed(flags, "input", "strict")...)
}

// running returns the flags that were given, of those that run a program.
func (programFlags) running(flags *pflag.FlagSet) []string {
	return changed(flags, "amplitudes", "probabilities", "shots", "seed", "noise", "trajectories")
}

// inputs returns the values of inputs by their names: name=value between commas, of which a value in brackets
// or quotes may have its own.
func (f programFlags) inputs() (map[string]string, error) {
	out := map[string]string{}
	for _, text := range f.input {
		depth, quoted := 0, false
		parts := strings.FieldsFunc(text, func(r rune) bool {
			switch r {
			case '"':
				quoted = !quoted
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				depth--
			}
			return r == ',' && depth == 0 && !quoted
		})
		for _, part := range parts {
			name, value, ok := strings.Cut(part, "=")
			name, value = strings.TrimSpace(name), strings.TrimSpace(value)
			_, again := out[name]
			switch {
			case !ok || name == "" || value == "":
				return nil, usageError{errors.Errorf("--input %q: want NAME=VALUE, as in theta=0.3,phi=pi/4", text)}
			case again:
				return nil, usageError{errors.Errorf("--input: %s has two values, want one", name)}
			}
			out[name] = value
		}
	}
	return out, nil
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
	if wrong := f.running(cmd.Flags()); f.qasm != 0 && len(wrong) > 0 {
		return usageError{errors.Errorf("--qasm prints the program and does not run it: leave out %s",
			strings.Join(wrong, " and "))}
	}
	if cmd.Flags().Changed("seed") && f.shots == 0 && f.trajectories == 0 {
		return usageError{errors.New("--seed is that of --shots and --trajectories, which are not given")}
	}
	if err := f.checkNoise(cmd.Flags()); err != nil {
		return err
	}
	if f.svg != "" {
		if err := checkOutput("svg", f.svg, []string{file}, svgFile); err != nil {
			return err
		}
	}
	d, err := f.read(file)
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

func (f programFlags) read(name string) (*circuit.Dynamic, error) {
	values, err := f.inputs()
	if err != nil {
		return nil, err
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, errors.Wrap(err, "circuit")
	}
	defer file.Close()
	d, err := qasm.Options{Inputs: values, Strict: f.strict}.ParseDynamic(file)
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
		fmt.Fprintf(out, "not drawn: %s on %s, at most %d of each are; --svg has no limit\n",
			words.Count(n, "instruction"), words.Count(d.Qubits(), "qubit"), mostDrawn)
	case n > 0:
		fmt.Fprint(out, d.Draw(circuit.DrawOptions{ASCII: f.ascii, Width: f.width}))
	}
	fmt.Fprintln(out, d.Resources())
	f.showInputs(out, d)
	_, readout, err := d.Unitary()
	switch {
	case d.Qubits() == 0:
		fmt.Fprintln(out, "the program declares no qubits")
	case err != nil:
		fmt.Fprintf(out, "not a unitary: %s\n", strings.TrimPrefix(err.Error(), "circuit: "))
	case len(readout) > 0:
		fmt.Fprintf(out, "a unitary, and at its end %s\n", measuredText(d, readout))
	default:
		fmt.Fprintln(out, "a unitary")
	}
}

// showInputs prints which angles the inputs without a value are.
func (f circuitFlags) showInputs(out io.Writer, d *circuit.Dynamic) {
	if len(d.Inputs) == 0 {
		return
	}
	parts := make([]string, len(d.Inputs))
	for i, in := range d.Inputs {
		parts[i] = in.Name + " is " + in.Angle.String()
	}
	text := strings.Join(parts, ", ")
	if f.ascii {
		text = strings.ReplaceAll(text, "θ", "theta")
	}
	fmt.Fprintf(out, "inputs: %s\n", text)
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
