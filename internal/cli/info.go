package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

func (p program) infoCommand() *cobra.Command {
	var tensors, card bool
	cmd := &cobra.Command{
		Use:   "info FILE|DIR",
		Short: "Describe a run or a file of weights",
		Long:  "Describe the model in a file of weights, or the model and the results of a run.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runInfo(cmd, args[0], tensors, card)
		},
	}
	cmd.Flags().BoolVar(&tensors, "tensors", false, "list the tensors, with their shapes")
	cmd.Flags().BoolVar(&card, "card", false, "print a model card in Markdown")
	return cmd
}

func (p program) runInfo(cmd *cobra.Command, path string, tensors, card bool) error {
	m, err := trained.Options{Names: p.names}.Open(path)
	if err != nil {
		return err
	}
	defer m.Close()
	if card {
		if tensors {
			return usageError{errors.New("--card and --tensors exclude each other")}
		}
		return writeCard(cmd.OutOrStdout(), m, path)
	}
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	describe(table, m)
	if err := describeEpoch(table, m); err != nil {
		return err
	}
	if m.Path() != path {
		if err := describeRun(table, path, nounOf(m.Metadata().Config)); err != nil {
			return err
		}
	}
	if tensors {
		for _, name := range slices.Sorted(maps.Keys(m.Weights().Tensors)) {
			t := m.Weights().Tensors[name]
			fmt.Fprintf(table, "%s\t%v %v\n", name, t.Dtype(), t.Shape())
		}
	}
	return table.Flush()
}

// describe writes what is in the model.
func describe(out io.Writer, m *trained.Model) {
	meta := m.Metadata()
	a := meta.Config
	fmt.Fprintf(out, "model\t%s\n", meta.Model)
	normal, background := "", ""
	if meta.Mean != nil {
		normal = fmt.Sprintf("; normalised by mean %.4v and deviation %.4v", meta.Mean, meta.Std)
	}
	if meta.Background == data.Dark || meta.Background == data.Bright {
		background = fmt.Sprintf(" on a %s background", meta.Background)
	}
	if a.Pictures() {
		fmt.Fprintf(out, "images\t%v%s, fitted to %d×%d%s\n", meta.Shape, background, a.Image, a.Image, normal)
	} else {
		describeNumbers(out, meta)
	}
	if n := len(a.Stem); n > 0 {
		fmt.Fprintf(out, "stem\t%s of %s channels\n",
			words.Count(n, "convolution"), strings.ReplaceAll(strings.Trim(fmt.Sprint(a.Stem), "[]"), " ", ", "))
		if len(a.StemBlocks) > 0 {
			fmt.Fprintf(out, "stages\t%s residual blocks\n",
				strings.ReplaceAll(strings.Trim(fmt.Sprint(a.StemBlocks), "[]"), " ", ", "))
		}
	}
	if a.Model == vit.Transformer {
		describeBlocks(out, a)
	}
	if custom, ok := a.FindArchitecture(); ok {
		fmt.Fprintf(out, "architecture\t%s, %s\n", custom.Name, custom.Help)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Fields)) {
		fmt.Fprintf(out, "%s\t%v\n", name, a.Fields[name])
	}
	quantum, qubits := "", 0
	if n := m.Store().Count("quantum"); n > 0 {
		quantum = fmt.Sprintf(", %d of them quantum", n)
	}
	fmt.Fprintf(out, "parameters\t%d%s\n", m.Store().Count(), quantum)
	_, micro := vit.DefaultBatch(a)
	if inference, training, err := vit.Flops(a.Exact(), micro); err == nil {
		fmt.Fprintf(out, "flops\t%.4g million for an %s, %.4g million in training\n",
			float64(inference)/1e6, nounOf(a), float64(training)/1e6)
	}
	for _, n := range m.Scope().Notes() {
		if n.Key == "qubits" {
			qubits = max(qubits, n.Count)
		}
	}
	if run := runOf(a); run != (circuitRun{}) {
		fmt.Fprintf(out, "circuits\t%s\n", strings.TrimSpace(run.String()))
	}
	if qubits > 0 {
		fmt.Fprintf(out, "qubits\t%d in the circuit of a head\n", qubits)
	}
	fmt.Fprintf(out, "data\t%s\n", meta.Data)
	fmt.Fprintf(out, "%s\t%d: %s\n", plural(data.Target(a.Output)), len(meta.Classes), listed(meta.Classes))
}

// describeNumbers writes what the examples of a model are that are no pictures.
func describeNumbers(out io.Writer, meta trained.Metadata) {
	normal := ""
	if meta.Mean != nil {
		normal = "; each feature normalised by its mean and deviation in training"
	}
	fmt.Fprintf(out, "examples\t%s%s\n", meta.Config.InputText(), normal)
	if meta.Table != nil {
		fmt.Fprintf(out, "features\t%s\n", listed(meta.Table.Features()))
	}
	if meta.Targets.Known() {
		fmt.Fprintf(out, "targets\tmean %.4v and deviation %.4v in training\n", meta.Targets.Mean, meta.Targets.Std)
	}
}

// describeBlocks writes what a transformer has beyond a classifier.
func describeBlocks(out io.Writer, a vit.Config) {
	values := "raw pixels"
	switch {
	case !a.Pictures() && a.Steps == 0:
		values = "a weight and a bias for each feature"
	case a.Steps > 0 && a.Embed == 0:
		values = "raw features"
	case a.Embed > 0:
		values = "a linear embedding"
	case len(a.Stem) > 0:
		values = "raw values of the stem"
	}
	if a.Position {
		values += ", with a position code"
	}
	what := fmt.Sprintf("%s of %d×%d", words.Count(a.Tokens(), "patch"), a.Patch, a.Patch)
	switch {
	case a.Steps > 0:
		what = words.Count(a.Tokens(), "step")
	case !a.Pictures():
		what = words.Count(a.Tokens(), "feature")
	}
	fmt.Fprintf(out, "tokens\t%s, width %d: %s\n", what, a.Width(), values)
	fmt.Fprintf(out, "blocks\t%d of %s, MLP of %d\n", a.Depth, words.Count(a.Heads, "head"), a.Hidden)
	if score, err := a.FindScore(); err == nil {
		circuits := ""
		if score.Circuits {
			circuits = fmt.Sprintf("; circuits of %s", words.Count(a.Layers, "layer"))
			if a.Ansatz != "" {
				circuits += " of " + a.Ansatz
			}
		}
		fmt.Fprintf(out, "attention\t%s, %s%s\n", score.Name, score.Help, circuits)
	}
	fmt.Fprintf(out, "pooling\t%s\n", a.Pooling)
}

// describeEpoch writes the validation metrics of the weights, if the file has them.
func describeEpoch(out io.Writer, m *trained.Model) error {
	text, ok := m.Weights().Meta[train.MetricsKey]
	if !ok {
		return nil
	}
	var v train.Validated
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return errors.Wrapf(err, "info: %s: metadata %q", m.Path(), train.MetricsKey)
	}
	figures := ""
	for _, f := range []struct {
		name  string
		value metric.Number
	}{{"validation loss", v.Loss}, {"accuracy", v.Accuracy}, {"AUC", v.AUC}} {
		if f.value.Known() {
			figures += fmt.Sprintf(", %s %.4f", f.name, f.value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v.Metrics)) {
		figures += fmt.Sprintf(", %s %s", name, v.Metrics[name].Text("%.5g"))
	}
	fmt.Fprintf(out, "weights\tof epoch %d%s\n", v.Epoch, figures)
	return nil
}

// describeRun writes the results of a run, or that it has not finished.
func describeRun(out io.Writer, dir, noun string) error {
	path := filepath.Join(dir, rundir.SummaryFile)
	var s train.Summary
	err := rundir.ReadJSON(path, "resume the run, which writes it again", &s)
	if errors.Is(err, os.ErrNotExist) {
		fmt.Fprintln(out, "run\tnot finished: there is no "+rundir.SummaryFile)
		return nil
	}
	if err != nil {
		return errors.Wrap(err, "info")
	}
	fmt.Fprintf(out, "run\t%s of %s, seed %d, %.1f s, %.0f %ss/s\n", words.Count(s.Epochs, "epoch"),
		words.Count(s.TrainExamples, noun), s.Seed, s.Seconds, s.TrainExamplesPerSecond, noun)
	for _, f := range []struct {
		name   string
		value  metric.Number
		images int
	}{
		{"validation accuracy", s.ValAccuracy, s.ValExamples},
		{"test accuracy", s.TestAccuracy, s.TestExamples},
		{"test balanced accuracy", s.TestBalancedAccuracy, s.TestExamples},
		{"test AUC", s.TestAUC, s.TestExamples},
	} {
		if f.value.Known() {
			fmt.Fprintf(out, "%s\t%.4f of %s\n", f.name, f.value, words.Count(f.images, noun))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.TestMetrics)) {
		fmt.Fprintf(out, "test %s\t%s of %s\n", name, s.TestMetrics[name].Text("%.5g"),
			words.Count(s.TestExamples, noun))
	}
	return nil
}
