package cli

import (
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/internal/scaling"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/vit"
)

// ranksFlags say what ledger --ranks predicts.
type ranksFlags struct {
	ranks        []int
	network      string
	runs         string
	batch, micro int
	memory       float64 // GB of a rank
}

// ofRanks are the flags that mean something with --ranks alone.
var ofRanks = []string{"network", "runs", "batch", "micro", "memory"}

func (f *ranksFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.IntSliceVar(&f.ranks, "ranks", nil, "predict training, and states of up to 40 qubits, on so many "+
		"ranks: `1,2,4`")
	flags.StringVar(&f.network, "network", "", "of --ranks: a name, or microseconds:GB/s (default: all "+
		"that have a name)")
	flags.StringVar(&f.runs, "runs", "", "of --ranks: a `file` of measured runs, see docs/scaling.md "+
		"(default: ours)")
	flags.IntVar(&f.batch, "batch", 0, "of --ranks: images of a step (default: the model's own)")
	flags.IntVar(&f.micro, "micro", 0, "of --ranks: images of a micro-batch (default: the model's own)")
	flags.Float64Var(&f.memory, "memory", 64, "of --ranks: GB that a rank has for states")
}

// check returns an error for flags that do not go together.
func (f *ranksFlags) check(cmd *cobra.Command, args []string) error {
	if len(f.ranks) == 0 {
		for _, name := range ofRanks {
			if cmd.Flags().Changed(name) {
				return usageError{errors.Errorf("--%s has no meaning without --ranks", name)}
			}
		}
		return nil
	}
	for _, name := range []string{"image", "error", "relative", "json", "svg"} {
		if cmd.Flags().Changed(name) {
			return usageError{errors.Errorf("--%s has no meaning with --ranks", name)}
		}
	}
	if len(args) > 0 {
		return usageError{errors.Errorf("--ranks predicts a model that was measured: leave out %s and say "+
			"--model", args[0])}
	}
	for _, n := range f.ranks {
		if n < 1 || n > 1<<16 {
			return usageError{errors.Errorf("ranks is %d, want numbers from 1 to %d", n, 1<<16)}
		}
	}
	if !(f.memory > 0) || math.IsInf(f.memory, 0) {
		return usageError{errors.Errorf("memory is %v, want a number of GB above 0", f.memory)}
	}
	return nil
}

func (f *ranksFlags) networks() ([]scaling.Network, error) {
	if f.network == "" {
		return scaling.Networks(), nil
	}
	n, err := scaling.ParseNetwork(f.network)
	if err != nil {
		return nil, usageError{err}
	}
	return []scaling.Network{n}, nil
}

// read returns the runs that the model of costs is fitted to.
func (f *ranksFlags) read() (*scaling.Runs, error) {
	if f.runs == "" {
		return scaling.Own()
	}
	file, err := os.Open(f.runs)
	if err != nil {
		return nil, usageError{err}
	}
	defer file.Close()
	runs, err := scaling.ReadRuns(file)
	if err != nil {
		return nil, usageError{errors.WithMessage(err, f.runs)}
	}
	return runs, nil
}

// write predicts a model and states on ranks.
func (f *ranksFlags) write(out io.Writer, a vit.Config) error {
	networks, err := f.networks()
	if err != nil {
		return err
	}
	runs, err := f.read()
	if err != nil {
		return err
	}
	machine, err := runs.Fit()
	if err != nil {
		return usageError{errors.WithMessage(err, "runs")}
	}
	batch, micro := vit.DefaultBatch(a)
	own, checks, err := runs.Training(a.Name(), batch, micro, machine)
	if err != nil {
		return usageError{err}
	}
	wanted := own
	if f.batch != 0 {
		wanted.Batch = f.batch
	}
	if f.micro != 0 {
		wanted.Micro = f.micro
	}
	if wanted.Batch < 1 || wanted.Micro < 1 || wanted.Micro > wanted.Batch {
		return usageError{errors.Errorf("batch is %d and micro is %d, want 1 ≤ micro ≤ batch", wanted.Batch,
			wanted.Micro)}
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "fitted, one thread a rank\t%s an image of %s, %s an update, %s a sum of two gradients of %.3g MB\n",
		duration(own.Image), a.Name(), duration(own.Update), duration(own.Add), own.Bytes/1e6)
	s, n := machine.States, machine.Network
	fmt.Fprintf(table, "\t%.3g ns an amplitude and gate of a large state, %.3g ns with the gradient\n",
		1e9*s.Gate, 1e9*s.Gradient)
	fmt.Fprintf(table, "\texchanges between ranks here: %s a message and %.3g GB/s\n", duration(n.Latency),
		n.Bandwidth/1e9)
	if err := writeChecks(table, runs, machine, checks); err != nil {
		return err
	}
	f.writeTraining(table, wanted, networks)
	if err := f.writeStates(table, machine.States, networks); err != nil {
		return err
	}
	for _, n := range networks {
		fmt.Fprintf(table, "\n%s\t%s, %.3g GB/s: %s", n.Name, duration(n.Latency), n.Bandwidth/1e9, n.Source)
	}
	fmt.Fprintln(table)
	return errors.WithStack(table.Flush())
}

func writeChecks(table io.Writer, runs *scaling.Runs, m scaling.Machine, training []scaling.Check) error {
	fmt.Fprintln(table, "\nrun that was not fitted\tfigure\tmeasured\tpredicted\terror")
	states, err := runs.Checks(m, false)
	if err != nil {
		return err
	}
	for _, c := range append(states, training...) {
		name := c.Run.Kind
		if q := c.Run.Fields["qubits"]; q > 0 {
			name = fmt.Sprintf("%v qubits, %v layers", q, c.Run.Fields["layers"])
		}
		ranks := max(1, int(c.Run.Fields["ranks"]))
		fmt.Fprintf(table, "%s, %s\t%s\t%s\t%s\t%+.0f %%\n", name, words.Count(ranks, "rank"), c.What,
			duration(c.Measured), duration(c.Predicted), 100*c.Error())
	}
	fitted, err := runs.Checks(m, true)
	worst := 0.0
	for _, c := range fitted {
		worst = max(worst, math.Abs(c.Error()))
	}
	fmt.Fprintf(table, "the worst of the fitted ones\t\t\t\t%.0f %%\n", 100*worst)
	return err
}

func (f *ranksFlags) writeTraining(table io.Writer, t scaling.Training, networks []scaling.Network) {
	for _, n := range networks {
		fmt.Fprintf(table,
			"\n%s, ranks\trounds\tstep of %s\tefficiency\t%s a rank\tefficiency\tin exchanges\n",
			n.Name, words.Count(t.Batch, "image"), words.Count(t.Batch, "image"))
		for _, ranks := range f.ranks {
			weak := t
			weak.Batch *= ranks
			step := weak.On(ranks, n)
			fmt.Fprintf(table, "%d\t%d\t%s\t%.1f %%\t%s\t%.1f %%\t%.1f %%\n", ranks, scaling.Rounds(ranks),
				duration(t.On(ranks, n).Total()), 100*t.Strong(ranks, n), duration(step.Total()),
				100*t.Weak(ranks, n),
				100*step.Exchange/step.Total())
		}
	}
}

// stateLayers is how many layers the circuits have that writeStates predicts.
const stateLayers = 4

func (f *ranksFlags) writeStates(table io.Writer, s scaling.States, networks []scaling.Network) error {
	var names []string
	for _, n := range networks {
		names = append(names, n.Name+"\tgradient\tin exchanges")
	}
	fmt.Fprintf(table, "\nqubits, %d layers\tranks\tGB a rank\texchanges\tGB sent\t%s\n", stateLayers,
		strings.Join(names, "\t"))
	for qubits := 26; qubits <= 40; qubits += 2 {
		const states = 2 // the state and its gradient
		ranks := 1
		for states*math.Ldexp(s.Bytes, qubits)/float64(ranks) > f.memory*1e9 ||
			math.Ldexp(1, qubits)/float64(ranks) > 1<<30 {
			ranks *= 2
		}
		if ranks > 1<<16 {
			fmt.Fprintf(table, "%d\tmore than %d\n", qubits, 1<<16)
			continue
		}
		l, err := scaling.LayeredLoad(qubits, stateLayers, ranks)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%d\t%d\t%s\t%d\t%.3g", qubits, ranks,
			strconv.FormatFloat(states*math.Ldexp(s.Bytes, l.Local)/1e9, 'g', 3, 64), l.Exchanges,
			l.Amplitudes*s.Bytes/1e9)
		for _, n := range networks {
			forward, _ := s.Forward(l, n)
			gradient, exchange := s.Backward(l, n)
			fmt.Fprintf(table, "\t%s\t%s\t%.0f %%", duration(forward), duration(gradient), 100*exchange/gradient)
		}
		fmt.Fprintln(table)
	}
	return nil
}

// duration writes seconds with three digits.
func duration(s float64) string {
	switch {
	case s == 0:
		return "0 s"
	case s < 1e-3:
		return fmt.Sprintf("%.3g µs", 1e6*s)
	case s < 1:
		return fmt.Sprintf("%.3g ms", 1e3*s)
	}
	return fmt.Sprintf("%.3g s", s)
}
