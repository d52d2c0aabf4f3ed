package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// circuitFlags say which circuit is shown, and how.
type circuitFlags struct {
	model, size string
	block, head int
	qasm, width int
	svg         string
	ascii       bool
	job         jobFlags
	programFlags
}

func (p program) circuitCommand() *cobra.Command {
	var f circuitFlags
	cmd := &cobra.Command{
		Use:   "circuit [DIR|FILE.qasm]",
		Short: "Draw a model's attention circuit or a program in OpenQASM, count, convert and run it",
		Long: `Show the circuit of a head of quantum attention, without the preparation of the image: a swap
test has the circuits of query and key on the data qubits of two copies, then their comparison.
It has one ancilla and, for each copy, index qubits (which token) and data qubits (its values);
qubit 0 is the most significant bit.

With DIR, a run or a file of weights, the angles are the learned ones, in radians; without it,
they are the names θ0, θ1, … of the angles of --model. Standard output gets the drawing and the
resources, or with --qasm the program and nothing else.

With FILE.qasm, a program in OpenQASM 2 or 3, show that one: with its registers, measurements,
resets and conditions. --amplitudes, --probabilities and --shots run it. In states and counts the
first qubit or bit stands on the left. Inputs of the program get values by --input; without, those
of type float and angle are drawn as the angles θ0, θ1, ….

With DIR and --image, write a job: a directory of programs that measure the head on that picture, the
preparation of its patches included, and a manifest, which says what each is for. hqvit counts reads
what a device makes of them. --programs whole is the SWAP test of the whole image, on ancilla, indices
and data as above; pairs is a small circuit for each pair of patches, on the data qubits of one: less to
run at a time, and more programs. With --device they are in the device's gates and on its pairs of
qubits; --shots is what is recommended for all pairs together (default 10000), --seed that of the
compiler.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runCircuit(cmd, args, f) },
	}
	registerModel(cmd.Flags(), p.names, &f.model, &f.size, "hqvit")
	f.programFlags.register(cmd.Flags())
	f.job.register(cmd)
	cmd.Flags().IntVar(&f.block, "block", 0, "block of the model, from 0")
	cmd.Flags().IntVar(&f.head, "head", 0, "head of the block, from 0")
	cmd.Flags().IntVar(&f.qasm, "qasm", 0, "print OpenQASM of this version, 2 (with DIR or FILE only) or "+
		"3; with "+
		"--image that of the programs (default 3)")
	cmd.Flags().StringVar(&f.svg, "svg", "", "draw into an SVG `file`")
	cmd.Flags().BoolVar(&f.ascii, "ascii", false, "draw without Unicode")
	cmd.Flags().IntVar(&f.width, "width", 100, "wrap the drawing at this many characters (0: never)")
	cmd.AddCommand(p.analyseCommand())
	return cmd
}

func (p program) runCircuit(cmd *cobra.Command, args []string, f circuitFlags) error {
	switch {
	case f.qasm != 0 && f.qasm != 2 && f.qasm != 3:
		return usageError{errors.Errorf("qasm is %d, want 2 or 3", f.qasm)}
	case f.qasm == 2 && len(args) == 0 && f.job.image == "":
		return usageError{errors.New("OpenQASM 2 has no free angles: name a run, or use --qasm 3")}
	case f.width < 0:
		return usageError{errors.Errorf("width is %d, want at least 0", f.width)}
	case f.job.image != "":
		return p.writeJob(cmd, args, f)
	case len(f.job.of(cmd.Flags())) > 0:
		return usageError{errors.Errorf("%s: want a picture to write a job for, --image FILE",
			strings.Join(f.job.of(cmd.Flags()), " and "))}
	case len(args) == 1 && isProgram(args[0]):
		return runProgram(cmd, args[0], f)
	}
	if wrong := f.programFlags.of(cmd.Flags()); len(wrong) > 0 {
		return usageError{errors.Errorf("%s: want a program to run, FILE.qasm", strings.Join(wrong, " and "))}
	}
	if f.svg != "" {
		if err := checkOutput("svg", f.svg, args, svgFile); err != nil {
			return err
		}
	}
	c, learned, err := p.figure(f, cmd, args)
	if err != nil {
		return err
	}
	shown := c.Circuit.Bind(learned, nil) // names of angles where none are learned
	if f.svg != "" {
		o := c.Drawing(learned)
		o.Width, o.Title = svgWidth, f.title(c.Layer, args)
		if err := f.save(func(w io.Writer) error { return c.Circuit.WriteSVG(w, o) }); err != nil {
			return err
		}
	}
	out := cmd.OutOrStdout()
	if f.qasm != 0 {
		return qasm.Write(out, shown, f.qasm)
	}
	fmt.Fprintln(out, c.Legend())
	if f.svg != "" {
		fmt.Fprintln(out, f.svg)
	} else {
		fmt.Fprint(out, shown.Draw(circuit.DrawOptions{ASCII: f.ascii, Width: f.width}))
	}
	fmt.Fprintln(out, c.Circuit.Resources())
	return nil
}

// svgWidth is that of a row of gates in the SVG, in pixels.
const svgWidth = 1200

// save writes the SVG, which is drawn before the file is touched.
func (f circuitFlags) save(draw func(io.Writer) error) error {
	var picture bytes.Buffer
	if err := draw(&picture); err != nil {
		return err
	}
	return errors.WithMessage(atomicfile.WriteBytes(f.svg, picture.Bytes()), "circuit")
}

// title is what stands above a picture of the circuit: the layer, the head, and where the angles are from.
func (f circuitFlags) title(layer string, args []string) string {
	title := fmt.Sprintf("%s, head %d", layer, f.head)
	if len(args) > 0 {
		title = fmt.Sprintf("%s: %s", args[0], title)
	}
	return title
}

// figure returns the circuit of the flags or of a run, and its learned angles, nil without a run.
func (p program) figure(f circuitFlags, cmd *cobra.Command, args []string) (qlayer.Figure, []float64, error) {
	if len(args) == 0 {
		a, err := named(p.names, f.model, f.size)
		if err != nil {
			return qlayer.Figure{}, nil, err
		}
		c, err := f.build(a, nn.NewStore(0))
		return c, nil, err
	}
	if cmd.Flags().Changed("model") || cmd.Flags().Changed("size") {
		return qlayer.Figure{}, nil,
			usageError{errors.Errorf("%s is a model already: leave out --model and --size", args[0])}
	}
	m, err := trained.Options{Names: p.names}.Open(args[0])
	if err != nil {
		return qlayer.Figure{}, nil, err
	}
	defer m.Close()
	c, err := f.build(m.Metadata().Config, m.Store())
	if err != nil {
		return qlayer.Figure{}, nil, err
	}
	theta, err := c.Theta(m.Store(), f.head)
	return c, theta, err
}

// build returns the circuit that the model notes when it is built, for the block and the head.
func (f circuitFlags) build(a vit.Config, st *nn.Store) (qlayer.Figure, error) {
	_, s, err := vit.Graph(a, st, 1)
	if err != nil {
		return qlayer.Figure{}, err
	}
	figures := qlayer.Figures(s)
	switch {
	case len(figures) == 0:
		return qlayer.Figure{},
			usageError{errors.Errorf("model %s has no quantum attention, want one such as hqvit", a.Name())}
	case f.block < 0 || f.block >= len(figures) || f.head < 0 || f.head >= figures[f.block].Heads:
		return qlayer.Figure{},
			usageError{errors.Errorf("block %d, head %d: want a block in [0,%d) and a head in [0,%d)",
				f.block, f.head, len(figures), figures[0].Heads)}
	}
	return figures[f.block], nil
}
