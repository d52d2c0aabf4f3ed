package cli

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// writeCard writes the model card of a run: what the model is, what it was trained on, how good it is, how to
// repeat it, and what it is not for.
func writeCard(out io.Writer, m *trained.Model, dir string) error {
	var s train.Summary
	if err := rundir.ReadJSON(filepath.Join(dir, rundir.SummaryFile), "resume the run, which writes it again",
		&s); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return errors.Errorf("info: %s is not the directory of a finished run, of which a card says "+
				"how it was "+
				"trained", dir)
		}
		return errors.Wrap(err, "info")
	}
	recipe, err := rundir.ReadConfig(filepath.Join(dir, rundir.ConfigFile))
	if err != nil {
		return errors.Wrap(err, "info")
	}
	weights, err := os.ReadFile(m.Path())
	if err != nil {
		return errors.Wrap(err, "info")
	}
	meta := m.Metadata()
	fmt.Fprintf(out, "# %s on %s\n\n%s\n\n| | |\n|---|---|\n", meta.Model, meta.Data, whatItIs(meta))
	var facts bytes.Buffer
	describe(&facts, m)
	for line := range strings.Lines(facts.String()) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		fmt.Fprintf(out, "| %s | %s |\n", name, escaped.Replace(value))
	}
	if d, err := data.Describe(meta.Data); err == nil {
		fmt.Fprintf(out, "| licence of the data | %s, from %s |\n", d.Licence, d.Source)
	}
	fmt.Fprintf(out, "| training | %s of %s, seed %d, kernels %s |\n", words.Count(s.Epochs, "epoch"),
		words.Count(s.TrainExamples, nounOf(meta.Config)), s.Seed, strings.Join(s.Kernels, ", "))
	if meta.Config.Output == vit.OutputClasses {
		fmt.Fprint(out, "\n## How good it is\n\n| split | images | accuracy | balanced | AUC | loss "+
			"|\n|---|---|---|---|---|---|\n")
		fmt.Fprintf(out, "| validation, which chose the epoch | %d | %s | | | %s |\n", s.ValExamples,
			percent(s.ValAccuracy), s.ValLoss.Text("%.4f"))
		if s.TestAccuracy.Known() {
			fmt.Fprintf(out, "| test, used once | %d | %s | %s | %s | %s |\n", s.TestExamples,
				percent(s.TestAccuracy),
				percent(s.TestBalancedAccuracy), s.TestAUC.Text("%.4f"), s.TestLoss.Text("%.4f"))
		}
	} else {
		writeFigures(out, s)
	}
	fmt.Fprintf(out, "\n## How to repeat it\n\n    hqvit train --config config.yaml\n\n"+
		"The recipe is config.yaml, below. On a machine with the same kernels (%s) it gives the same "+
		"best.safetensors,\n"+
		"with the SHA-256 %x.\n\n```yaml\n%s```\n", strings.Join(s.Kernels, ", "), sha256.Sum256(weights), recipe)
	fmt.Fprint(out, "\n## What it is not for\n\n")
	for _, limit := range limitsOf(meta) {
		fmt.Fprintf(out, "* %s\n", limit)
	}
	return nil
}

// writeFigures writes how good a model of labels or values is.
func writeFigures(out io.Writer, s train.Summary) {
	fmt.Fprint(out, "\n## How good it is\n\n| figure | validation, which chose the epoch | test, used once |\n|---|---|---|\n")
	fmt.Fprintf(out, "| examples | %d | %d |\n| loss | %s | %s |\n", s.ValExamples, s.TestExamples,
		s.ValLoss.Text("%.4f"), s.TestLoss.Text("%.4f"))
	for _, name := range slices.Sorted(maps.Keys(s.TestMetrics)) {
		val := "–"
		if v, ok := s.ValMetrics[name]; ok {
			val = v.Text("%.5g")
		}
		fmt.Fprintf(out, "| %s | %s | %s |\n", name, val, s.TestMetrics[name].Text("%.5g"))
	}
}

// escaped makes text of a cell of a table.
var escaped = strings.NewReplacer("|", `\|`, "<", "&lt;")

func percent(v metric.Number) string {
	if !v.Known() {
		return "–"
	}
	return fmt.Sprintf("%.2f %%", 100*float64(v))
}

// whatItIs says in a sentence what a model does.
func whatItIs(meta trained.Metadata) string {
	kind := "model"
	switch c := meta.Config; {
	case c.Model == vit.CNN:
		kind = "convolutional network"
	case c.Model == vit.LogReg:
		kind = "logistic regression"
	case c.Model == vit.Transformer:
		kind = "vision transformer with classical attention"
		if score, err := c.FindScore(); err == nil && score.Circuits {
			kind = "vision transformer whose attention comes from a simulated quantum circuit (HQViT, " +
				"arXiv:2504.02730)"
		}
	}
	switch c := meta.Config; {
	case c.Output == vit.OutputLabels:
		return fmt.Sprintf("A %s that says of %v of %v which of %s they have.", kind, meta.Shape.Kind(), meta.Shape,
			c.OutputText())
	case c.Output == vit.OutputValues:
		return fmt.Sprintf("A %s that predicts %s of %v of %v.", kind, c.OutputText(), meta.Shape.Kind(),
			meta.Shape)
	}
	return fmt.Sprintf("A %s that sorts %v of %v into %s.", kind, meta.Shape.Kind(), meta.Shape,
		words.Count(len(meta.Classes), "class"))
}

// limitsOf lists what a user of the model should know.
func limitsOf(meta trained.Metadata) []string {
	seen := meta.Data
	if d, err := data.Describe(meta.Data); err == nil {
		seen = d.Title
	}
	limits := []string{
		fmt.Sprintf("It answers with one of its %s whatever it is shown; it has seen nothing but %s.",
			words.Count(len(meta.Classes), "class"), seen),
		"Its probabilities are those of pictures like the ones it was trained on; elsewhere they can be " +
			"wrong and " +
			"certain at once.",
		"Which pictures it was trained on says what it can be used for: their licence is above.",
	}
	if score, err := meta.Config.FindScore(); err == nil && score.Circuits {
		limits = append(limits, "Its circuits show no advantage in accuracy over classical attention of "+
			"the same size "+
			"(docs/results.md), and no device has run it.")
	}
	return limits
}
