package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train/report/chart"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
	"github.com/hqvit/hqvit/vit/ledger"
)

// ledgerFlags say whose costs are counted, and how they are written.
type ledgerFlags struct {
	model, size string
	image       int
	precision   ledger.Precision
	json        bool
	svg         string
	onRanks     ranksFlags
}

func (p program) ledgerCommand() *cobra.Command {
	var f ledgerFlags
	cmd := &cobra.Command{
		Use:   "ledger [DIR|FILE]",
		Short: "Count what a model's quantum attention costs on a device: qubits, gates, shots",
		Long: `Count what the attention coefficients of one image cost on a quantum device, by the literal
circuit of a head: qubits, angles, gates of the swap test and of the preparation of the image,
and the shots that estimate all coefficients, beside the flops of the classical computation.
Gates are CX and one-qubit gates.

DIR|FILE is a run, a file of weights or a recipe (FILE.yaml); without it, --model says which
model. The score has to be swap or frozen; for a published attention, such as hqvit:qsann, the
circuit is counted that it runs for every token or pair of tokens. docs/resources.md says what is
counted and what follows from a formula.

With --ranks, predict instead what training the model costs on so many ranks of mpirun, and states
of up to 40 qubits on as many as they need: from measured runs, a network's latency and rate, and
the rounds of exchanges. docs/scaling.md says what that is worth.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runLedger(cmd, args, f) },
	}
	registerModel(cmd.Flags(), p.names, &f.model, &f.size, "hqvit")
	cmd.Flags().IntVar(&f.image, "image", 0, "side of the image in pixels (0: the model's own)")
	cmd.Flags().Float64Var(&f.precision.Absolute, "error", 0.01,
		"standard error of a coefficient's overlap, which is in [0,1]")
	cmd.Flags().Float64Var(&f.precision.Relative, "relative", 0.1,
		"standard error as a fraction of the coefficient")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one line of JSON")
	cmd.Flags().StringVar(&f.svg, "svg", "", "draw the growth into an SVG `file`")
	f.onRanks.register(cmd)
	return cmd
}

func (p program) runLedger(cmd *cobra.Command, args []string, f ledgerFlags) error {
	if err := f.onRanks.check(cmd, args); err != nil {
		return err
	}
	if len(f.onRanks.ranks) > 0 {
		a, err := named(p.names, f.model, f.size)
		if err != nil {
			return err
		}
		return f.onRanks.write(cmd.OutOrStdout(), a)
	}
	if f.svg != "" {
		if err := checkOutput("svg", f.svg, args, svgFile); err != nil {
			return err
		}
	}
	architecture, err := p.architecture(f, cmd, args)
	if err != nil {
		return err
	}
	if cmd.Flags().Changed("image") {
		architecture.Image = f.image
	}
	if score, err := architecture.FindScore(); err == nil && architecture.Model == vit.Transformer &&
		score.Source != "" {
		return writePublished(cmd.OutOrStdout(), architecture, f)
	}
	l, err := ledger.Of(architecture, f.precision)
	if err != nil {
		return usageError{err}
	}
	if f.svg != "" {
		if err := atomicfile.Write(f.svg, func(w io.Writer) error { return drawLedger(w, l) }); err != nil {
			return err
		}
	}
	out := cmd.OutOrStdout()
	if f.json {
		return errors.WithStack(json.NewEncoder(out).Encode(l))
	}
	if err := writeLedger(out, architecture, l); err != nil {
		return err
	}
	if f.svg != "" {
		fmt.Fprintln(out, f.svg)
	}
	return nil
}

// writePublished writes the ledger of a published attention.
func writePublished(out io.Writer, a vit.Config, f ledgerFlags) error {
	if f.svg != "" {
		return usageError{errors.Errorf("svg: the growth is drawn of a swap test, and %s has none: leave out --svg",
			a.Name())}
	}
	l, err := ledger.OfPublished(a, f.precision)
	if err != nil {
		return usageError{err}
	}
	if f.json {
		return errors.WithStack(json.NewEncoder(out).Encode(l))
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "attention\t%s (%s), %s of %s\n", l.Score, l.Source, words.Count(l.Blocks, "block"),
		words.Count(l.Heads, "head"))
	for _, r := range []struct {
		name string
		ledger.Gates
	}{{"circuit", l.Circuit}, {"preparation of amplitudes", l.Preparation}} {
		fmt.Fprintf(table, "%s\t%s, %d CX, %s on one qubit, depth %d\n", r.name,
			words.Count(r.Qubits, "qubit"), r.CX, words.Count(r.OneQubit, "gate"), r.Depth)
	}
	fmt.Fprintf(table, "angles\t%d trained in the model\n", l.Angles)
	fmt.Fprintf(table, "circuits\t%d for a head of an image, %.4g for the image\n", l.PerHead, l.Circuits)
	fmt.Fprintf(table, "shots\t%.4g of each for a standard error of %v of a number in [−1,1], %.4g for the image\n",
		l.EachShots, f.precision.Absolute, l.Shots)
	fmt.Fprintf(table, "gates of these shots\t%.4g\n", l.ImageGates)
	return errors.WithStack(table.Flush())
}

// architecture returns the model of the flags, of a run, of a file of weights or of a recipe.
func (p program) architecture(f ledgerFlags, cmd *cobra.Command, args []string) (vit.Config, error) {
	if len(args) == 0 {
		return named(p.names, f.model, f.size)
	}
	if cmd.Flags().Changed("model") || cmd.Flags().Changed("size") {
		return vit.Config{}, usageError{errors.Errorf("%s is a model already: leave out --model and --size",
			args[0])}
	}
	if recipe, _ := recipeFile(args[0]); recipe != "" {
		c := newConfig(p.names)
		c.register(pflag.NewFlagSet(recipe, pflag.ContinueOnError)) // for the defaults
		c.Model = "hqvit"
		_, one, err := c.entry(args[0], "", cmd)
		if err != nil {
			return vit.Config{}, err
		}
		return *one.Architecture, nil
	}
	m, err := trained.Options{Names: p.names}.Open(args[0])
	if err != nil {
		return vit.Config{}, err
	}
	defer m.Close()
	return m.Metadata().Config, nil
}

// drawLedger draws how the costs of a head grow with the width of a token and with the number of tokens.
func drawLedger(w io.Writer, l *ledger.Ledger) error {
	panel := func(x string, first int, rows []ledger.Growth) chart.GrowthPanel {
		p := chart.GrowthPanel{X: x}
		for _, line := range []struct {
			name  string
			value func(ledger.Growth) float64
		}{
			{"all shots, whole image", func(g ledger.Growth) float64 { return g.WholeGates }},
			{"all shots, pair by pair", func(g ledger.Growth) float64 { return g.PairGates }},
			{"all shots, no preparation", func(g ledger.Growth) float64 { return g.FreeGates }},
			{"classical flops", func(g ledger.Growth) float64 { return g.Flops }},
			{"preparation, one shot", func(g ledger.Growth) float64 { return g.PreparationGates }},
			{"swap test, one shot", func(g ledger.Growth) float64 { return float64(g.TestGates) }},
			{"angles", func(g ledger.Growth) float64 { return float64(g.Angles) }},
			{"qubits", func(g ledger.Growth) float64 { return float64(g.Qubits) }},
		} {
			values := make([]float64, len(rows))
			for i, g := range rows {
				values[i] = line.value(g)
			}
			p.Lines = append(p.Lines, chart.Growth{Name: line.name, First: first, Values: values})
		}
		return p
	}
	title := fmt.Sprintf("A head of quantum attention: gates for all coefficients, to a standard error of %v",
		l.Budget.Absolute)
	return chart.GrowthPanels(w, title, "gates, flops or qubits", []chart.GrowthPanel{
		panel("width of a token, for "+words.Count(l.Tokens, "token"), 1, l.OverWidth),
		panel(fmt.Sprintf("tokens, of width %d", l.Width), 0, l.OverTokens),
	})
}
