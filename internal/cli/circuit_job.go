package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/device"
	"github.com/hqvit/hqvit/qops/job"
	"github.com/hqvit/hqvit/trained"
)

// jobFlags say which job is written for a head on an image.
type jobFlags struct {
	image, out, programs, on, invert string
	gradient                         bool
}

func (f *jobFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.image, "image", "", "write the job of a head of DIR on this picture `file`, into --out")
	flags.StringVar(&f.out, "out", "", "new `directory` of the job")
	flags.StringVar(&f.programs, "programs", "",
		"with --image: whole, one program for all pairs of patches, or pairs, "+
			"one for each (default: whole without --device, if it has at most 30 qubits, else pairs)")
	flags.StringVar(&f.on, "device", "", "with --image: compile for a `DEVICE`: "+
		strings.Join(device.Names(), ", ")+", or a file")
	flags.BoolVar(&f.gradient, "gradient", false,
		"with --image: also programs with shifted angles, whose counts give the "+
			"derivatives by all angles of the head")
	registerInvert(cmd, &f.invert)
}

// of returns the flags that were given, of those that need an image.
func (jobFlags) of(flags *pflag.FlagSet) []string {
	return changed(flags, "out", "programs", "device", "gradient", "invert")
}

func (f circuitFlags) checkJob(cmd *cobra.Command, args []string) error {
	switch wrong := changed(cmd.Flags(), "model", "size", "svg", "ascii", "width", "amplitudes", "probabilities",
		"input", "strict", "noise", "trajectories"); {
	case len(args) == 0:
		return usageError{errors.New("--image is for a trained model: name its run, hqvit circuit DIR " +
			"--image FILE")}
	case isProgram(args[0]):
		return usageError{errors.Errorf("%s is a program: leave out --image", args[0])}
	case len(wrong) > 0:
		return usageError{errors.Errorf("with --image a job is written: leave out %s", strings.Join(wrong,
			" and "))}
	case f.job.out == "":
		return usageError{errors.New("--image: want the directory of the job too, --out")}
	case f.job.programs != "" && f.job.programs != string(job.WholeImage) &&
		f.job.programs != string(job.PatchPairs):
		return usageError{errors.Errorf("programs is %q, want whole or pairs", f.job.programs)}
	case cmd.Flags().Changed("shots") && f.shots < 1:
		return usageError{errors.Errorf("shots is %d, want at least 1", f.shots)}
	}
	if err := checkInvert(f.job.invert); err != nil {
		return err
	}
	if err := job.CheckNew(f.job.out); err != nil {
		return usageError{errors.WithMessage(err, "--out")}
	}
	return nil
}

// openExact opens a model to be run exactly, whatever it was trained with.
func (p program) openExact(path string, invert trained.Invert) (*trained.Model, error) {
	return trained.Options{Names: p.names, Threads: 1, Invert: invert, Change: exactly}.Open(path)
}

// writeJob writes the job of a head on an image.
func (p program) writeJob(cmd *cobra.Command, args []string, f circuitFlags) error {
	if err := f.checkJob(cmd, args); err != nil {
		return err
	}
	o := job.Options{QASM: f.qasm, Path: f.job.on, Seed: f.seed, Gradient: f.job.gradient, Shots: f.shots}
	if f.job.on != "" {
		d, err := device.Open(f.job.on)
		if err != nil {
			return usageError{errors.WithMessage(err, "--device")}
		}
		if o.Device = &d; !isBuiltIn(f.job.on) {
			if o.Path, err = filepath.Abs(f.job.on); err != nil {
				return errors.WithStack(err)
			}
		}
	}
	if err := o.Check(); err != nil {
		return usageError{err}
	}
	m, err := p.openExact(args[0], trained.Invert(f.job.invert))
	if err != nil {
		return err
	}
	defer m.Close()
	split, inverted, err := fitPicture(cmd, m, f.job.image)
	if err != nil {
		return err
	}
	h, err := openHead(m, split, f.block, f.head)
	if err != nil {
		return err
	}
	kind := job.Kind(f.job.programs)
	if kind == "" {
		kind = job.WholeImage
		if f.job.on != "" || h.figure.Circuit.Qubits() > circuit.MaxQubits || h.figure.Circuit.Err() != nil {
			kind = job.PatchPairs
		}
	}
	make := job.Whole
	if kind == job.PatchPairs {
		make = job.Pairs
	}
	j, err := make(h.Head, o)
	if err != nil {
		return err
	}
	if j.Source, err = h.source(f.job.image, inverted); err != nil {
		return err
	}
	if err := j.Write(cmd.Context(), f.job.out); err != nil {
		return err
	}
	f.showJob(cmd.OutOrStdout(), p.called(), j, args[0])
	return nil
}

// isBuiltIn tells whether a device has its name for a path.
func isBuiltIn(name string) bool {
	_, err := device.Named(name)
	return err == nil
}

// source says where a job is from.
func (h *headOnImage) source(image string, inverted bool) (*job.Source, error) {
	path, err := filepath.Abs(h.Path())
	if err != nil {
		return nil, errors.WithStack(err)
	}
	weights, err := os.ReadFile(h.Path())
	if err != nil {
		return nil, errors.WithStack(err)
	}
	return &job.Source{Model: h.Metadata().Model, Path: path, Weights: job.Digest(weights),
		Image: titleOf(image, inverted), Digest: job.Digest(h.image.Images), Pixels: h.image.Images, Block: h.block,
		Head: h.head}, nil
}

// showJob says what was written, what it costs, and what comes next.
func (f circuitFlags) showJob(out io.Writer, program string, j *job.Job, dir string) {
	cost := j.Cost()
	what := map[job.Kind]string{job.WholeImage: "the SWAP test of the whole image",
		job.PatchPairs: "one for each pair of patches"}[j.Kind]
	fmt.Fprintf(out, "%s: %s in OpenQASM %d: %s", f.job.out, words.Count(cost.Programs, "program"), j.QASM,
		what)
	if cost.Shifted > 0 {
		fmt.Fprintf(out, ", and %d of them with a shifted angle", cost.Shifted)
	}
	fmt.Fprintf(out, "\nblock %d, head %d of %s on %s, %s of %s", j.Source.Block,
		j.Source.Head, shown(dir), j.Source.Image, words.Count(j.Tokens, "patch"), words.Count(j.Width,
			"value"))
	if j.Device != nil {
		fmt.Fprintf(out, ", compiled for %s, seed %d", j.Device.Name, j.Seed)
	}
	fmt.Fprintf(out, "\na program has up to %s, %d of them on two qubits or more, depth %d, on %s\n",
		words.Count(cost.Largest.Gates, "gate"), cost.Largest.TwoQubit, cost.Largest.Depth,
		words.Count(cost.Qubits, "qubit"))
	fmt.Fprintf(out, "%s in all %s recommended", words.Count(j.Shots, "shot"),
		map[bool]string{true: "is", false: "are"}[j.Shots == 1])
	if cost.Shifted > 0 {
		fmt.Fprint(out, ", and as many for each shift")
	}
	fmt.Fprintf(out, "; manifest.json says how many each program gets\n\nrun the programs, and then\n"+
		"  %s counts %s RESULT.json\nor try it here\n  %[1]s counts %[2]s --simulate %d\n", program,
		shellWord(f.job.out),
		j.Shots)
}
