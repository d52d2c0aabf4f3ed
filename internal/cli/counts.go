package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qops/device"
	"github.com/hqvit/hqvit/qops/job"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/hqvit/hqvit/trained"
)

// countsFlags say where the counts of a job are from, and what is printed of them.
type countsFlags struct {
	model, order, out  string
	simulate           int
	trajectories       int
	seed               uint64
	ideal, json, pairs bool
}

func (p program) countsCommand() *cobra.Command {
	var f countsFlags
	cmd := &cobra.Command{
		Use:   "counts JOBDIR [RESULT.json...]",
		Short: "Read what a quantum device has counted, and put it in the model's place",
		Long: `Read the counts of the programs that hqvit circuit --image has written to JOBDIR. Of the head and the
image of the job, print the overlaps of queries and keys and the attention coefficients that they make:
how far the measured ones are from the exact ones, beside what a perfect device would give with as
many shots (sampled), and what the model predicts with each in place of the head's own. All
else of the model is exact. Of a job with --gradient, also the derivatives of the overlaps by the angles.

A RESULT.json is {"0101": 12, ...}, the counts of one program; {"NAME": {...}, ...}, by the names
of programs; a list of counts, in the order of the manifest; a Result of Qiskit; or the
PrimitiveResult of a sampler, as RuntimeEncoder writes it. Counts without a name go to the next
program of the manifest. Outcomes are texts of 0 and 1, or hexadecimal numbers as 0x1f.

Bit 0, c[0] of a program, stands on the right, as in Qiskit; --order big is for results with it on the
left, as in Cirq and Braket. Qiskit's own forms have it on the right always.

--simulate runs the programs here in place of a device: with the noise of the one that they are
compiled for, or without any by --ideal. Programs of up to 13 qubits are run exactly; --trajectories N
runs larger ones, such as that of a whole image, with random errors, and draws the shots from the
average of so many runs. --out keeps the counts.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runCounts(cmd, args[0], args[1:], f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.model, "model", "", "`directory` of the run, or file of weights, that the job is of "+
		"(default: where "+
		"it was)")
	flags.StringVar(&f.order, "order", "little",
		"where bit 0 stands in outcomes: little, on the right, or big, on the left")
	flags.IntVar(&f.simulate, "simulate", 0, "run the programs here, with `N` shots for all pairs together")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of what is sampled and simulated")
	flags.IntVar(&f.trajectories, "trajectories", 0, "simulate noise by `N` runs of each program with "+
		"random errors, in place "+
		"of exactly")
	flags.BoolVar(&f.ideal, "ideal", false, "simulate without the noise of the device")
	flags.StringVar(&f.out, "out", "", "keep the counts of --simulate in a `file`, .json")
	flags.BoolVar(&f.pairs, "pairs", false, "print the numbers of each pair of patches")
	flags.BoolVar(&f.json, "json", false, "print everything as JSON")
	return cmd
}

// jsonFile is what --out of counts writes.
var jsonFile = outputKind{"a file of counts by the names of programs", ".json", areCounts}

// areCounts tells whether a file holds counts by the names of programs, by its first megabyte.
func areCounts(content []byte) bool {
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	for seen := false; ; seen = true {
		t, err := d.Token()
		if t == json.Delim('}') {
			_, err := d.Token()
			return seen && err == io.EOF
		}
		var counts job.Counts
		if err == nil {
			err = d.Decode(&counts)
		}
		if err != nil { // unless the megabyte ends in the middle
			return seen && len(content) == outputMegabyte && (err == io.EOF || err == io.ErrUnexpectedEOF)
		}
		for outcome := range counts {
			if strings.Trim(outcome, "01") != "" {
				return false
			}
		}
		if len(counts) == 0 {
			return false
		}
	}
}

func (f countsFlags) check(cmd *cobra.Command, dir string, results []string) error {
	simulated := cmd.Flags().Changed("simulate")
	switch wrong := changed(cmd.Flags(), "ideal", "out", "trajectories"); {
	case f.order != "little" && f.order != "big":
		return usageError{errors.Errorf("order is %q, want little or big", f.order)}
	case simulated && f.simulate < 1:
		return usageError{errors.Errorf("simulate is %d shots, want at least 1", f.simulate)}
	case f.simulate > statevec.MaxShots:
		return usageError{errors.Errorf("simulate is %d shots, want at most 2^50", f.simulate)}
	case simulated && len(results) > 0:
		return usageError{errors.New("want results of a device or --simulate, got both")}
	case !simulated && len(results) == 0:
		return usageError{errors.Errorf("want the results of a device, hqvit counts %s RESULT.json, or "+
			"--simulate N",
			shellWord(dir))}
	case !simulated && len(wrong) > 0:
		return usageError{errors.Errorf("--%s is for --simulate, which is not given", wrong[0][2:])}
	case f.trajectories < 1 && cmd.Flags().Changed("trajectories"):
		return usageError{errors.Errorf("trajectories is %d, want at least 1", f.trajectories)}
	case f.ideal && f.trajectories > 0:
		return usageError{errors.New("--trajectories are runs with noise: leave out --ideal, or them")}
	case f.json && f.pairs:
		return usageError{errors.New("--json has the numbers of each pair: leave out --pairs")}
	}
	if f.out != "" {
		return checkOutput("out", f.out, []string{filepath.Join(dir, job.ManifestFile)}, jsonFile)
	}
	return nil
}

func (p program) runCounts(cmd *cobra.Command, dir string, results []string, f countsFlags) error {
	if err := f.check(cmd, dir, results); err != nil {
		return err
	}
	j, err := job.Open(dir)
	if err != nil {
		return err
	}
	if j.Source == nil {
		return errors.Errorf("job %s names no model: a program made it, and reads it with package qops/job",
			dir)
	}
	h, err := p.openJob(j, f.model)
	if err != nil {
		return err
	}
	defer h.Close()
	c := counted{Job: dir, Kind: j.Kind, Model: j.Source.Model, Image: j.Source.Image, Block: j.Source.Block,
		Head: j.Source.Head, Tokens: j.Tokens, Programs: len(j.Programs), classes: h.Metadata().Classes}
	var counts []job.Counts
	if f.simulate > 0 {
		counts, err = f.run(cmd, j, &c)
	} else {
		counts, err = f.read(j, results)
	}
	if err != nil {
		return err
	}
	if err := c.compare(cmd, j, h, counts, f.seed); err != nil {
		return err
	}
	if f.json {
		return errors.WithStack(json.NewEncoder(cmd.OutOrStdout()).Encode(c))
	}
	c.show(cmd.OutOrStdout(), f.pairs)
	return nil
}

// openJob opens the model of a job, where it was or where it is now, with the head on the image.
func (p program) openJob(j *job.Job, moved string) (*headOnImage, error) {
	path, hint := j.Source.Path, "the job is of that model: say where it is by --model"
	if moved != "" {
		path, hint = moved, "want the model that the job is of"
	}
	m, err := p.openExact(path, trained.InvertNever)
	if err != nil {
		return nil, errors.WithMessage(err, hint)
	}
	h, err := func() (*headOnImage, error) {
		weights, err := os.ReadFile(m.Path())
		if err != nil {
			return nil, errors.WithStack(err)
		}
		if job.Digest(weights) != j.Source.Weights {
			return nil, errors.Errorf("%s has other weights than those that the job was written with (its "+
				"SHA-256 is another): %s",
				m.Path(), hint)
		}
		shape := m.Metadata().Shape
		if len(j.Source.Pixels) != shape.Len() {
			return nil, errors.Errorf("the image of the job has %s, and %s takes %v",
				words.Count(len(j.Source.Pixels), "value"), m.Path(),
				shape)
		}
		h, err := openHead(m, data.Split{Shape: shape, Images: j.Source.Pixels}, j.Source.Block,
			j.Source.Head)
		if err == nil {
			err = j.Matches(h.Head)
		}
		return h, err
	}()
	if err != nil {
		m.Close()
	}
	return h, err
}

// read returns the counts of files.
func (f countsFlags) read(j *job.Job, names []string) ([]job.Counts, error) {
	var results []job.Result
	for _, name := range names {
		result, err := job.ReadResult(name)
		if err != nil {
			return nil, errors.WithMessage(err, "counts")
		}
		results = append(results, result)
	}
	order := job.Little
	if f.order == "big" {
		order = job.Big
	}
	return j.Counts(order, results...)
}

// run returns simulated counts.
func (f countsFlags) run(cmd *cobra.Command, j *job.Job, c *counted) ([]job.Counts, error) {
	s := job.Simulation{Seed: f.seed, Shots: func(i int) int {
		return max(1, int(math.Round(float64(j.Programs[i].Shots)*float64(f.simulate)/float64(j.Shots))))
	}}
	c.Simulated = "without noise"
	switch n := j.Cost().Qubits; {
	case j.Device == nil && f.trajectories > 0:
		return nil, usageError{errors.New("--trajectories are runs with the noise of a device, and the " +
			"programs are compiled for none")}
	case j.Device == nil || f.ideal:
	case n > job.MaxNoisyQubits && f.trajectories == 0:
		return nil, errors.Errorf("the programs use %d qubits, and noise is simulated exactly on at most %d: "+
			"want --trajectories N, --ideal, or a job with --programs pairs", n, job.MaxNoisyQubits)
	default:
		d, err := device.Open(j.Device.Path)
		if err != nil {
			return nil, errors.WithMessage(err, "the device of the job; --ideal does without")
		}
		s.Device, s.Trajectories, c.Simulated = &d, f.trajectories, "with the noise of "+d.Name()
		if f.trajectories > 0 {
			c.Simulated += " by " + words.Count(f.trajectories, "trajectory")
		}
	}
	counts, err := j.Simulate(cmd.Context(), s)
	if err != nil || f.out == "" {
		return counts, err
	}
	text := []byte("{")
	for i, p := range j.Programs { // in the order of the manifest: a map would be sorted by name
		written := job.Counts{}
		for outcome, n := range counts[i] {
			if f.order == "little" {
				outcome = job.Reversed(outcome)
			}
			written[outcome] = n
		}
		value, err := json.MarshalIndent(written, " ", " ")
		if err != nil {
			return nil, errors.WithStack(err)
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = fmt.Appendf(text, "\n %q: %s", p.Name, value)
	}
	return counts, atomicfile.WriteBytes(f.out, append(text, "\n}\n"...))
}
