package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// sweep is a setting of the circuits with the values that it takes: shots, or the number of a channel.
type sweep struct {
	name   string
	values []string
}

// sweepFlag is the value of --sweep, which is given once.
type sweepFlag struct{ text *string }

func (f sweepFlag) String() string {
	if f.text == nil {
		return ""
	}
	return *f.text
}

func (f sweepFlag) Set(text string) error {
	if *f.text != "" {
		return errors.Errorf("want one sweep at a time, got %s and %s", *f.text, text)
	}
	*f.text = text
	return nil
}

func (f sweepFlag) Type() string { return "string" }

// parseSweep reads "shots=100,1000" or "depolarizing=0.001,0.01".
func parseSweep(text string) (sweep, error) {
	name, list, ok := strings.Cut(text, "=")
	s := sweep{name, strings.Split(list, ",")}
	if !ok || name == "" {
		return s, usageError{errors.Errorf("--sweep %q: want shots=N,… or CHANNEL=NUMBER,…, such as "+
			"shots=100,1000 or depolarizing=0.001,0.01", text)}
	}
	for _, v := range s.values {
		if name == "shots" {
			if n, err := strconv.Atoi(v); err != nil || n < 0 {
				return s, usageError{errors.Errorf("--sweep %q: want numbers of shots, 0 for exact values, got %q",
					text, v)}
			}
			continue
		}
		if _, err := circuit.ParseNoise(name + "=" + v); err != nil {
			return s, usageError{errors.WithMessagef(err, "--sweep %q", text)}
		}
	}
	return s, nil
}

// change sets the value in a model, beside what other noise there is.
func (s sweep) change(c *vit.Config, value string) {
	if s.name == "shots" {
		c.Shots, _ = strconv.Atoi(value)
		return
	}
	var noise []string // of other channels: the swept one takes the place of its own
	for _, part := range strings.Split(c.Noise, ",") {
		if name, _, _ := strings.Cut(strings.TrimSpace(part), "="); name != "" && name != s.name {
			noise = append(noise, part)
		}
	}
	c.Noise = strings.Join(append(noise, s.name+"="+value), ",")
}

// sweptRow is an evaluation with one value. The differences are those from the same model without shots and
// noise.
type sweptRow struct {
	Setting string `json:"setting"`
	Value   string `json:"value"`
	circuitRun
	Accuracy    float64       `json:"accuracy"`
	Loss        float64       `json:"loss"`
	AUC         metric.Number `json:"auc"`
	Agree       float64       `json:"same_prediction"`   // share of images
	Coefficient float64       `json:"coefficient_error"` // root mean square, of the first images
	// to the root mean square deviation of the exact ones from 1/T
	Relative float64 `json:"coefficient_relative"`
}

// attentionImages is how many images the error of the coefficients is taken from.
const attentionImages = 100

// run evaluates the weights in dir with each value and prints a row for each, with a mitigation a second one
// beside it without.
func (s sweep) run(cmd *cobra.Command, p program, dir string, f evalFlags, images *data.Images) error {
	exact, err := measureDevice(cmd.Context(), p, dir, images, f.open(exactly))
	if err != nil {
		return err
	}
	ways := []bool{false} // with mitigation or without
	if f.device.mitigates() {
		ways = append(ways, true)
	}
	var rows []sweptRow
	for _, v := range s.values {
		for _, mitigated := range ways {
			var how circuitRun
			got, err := measureDevice(cmd.Context(), p, dir, images, f.open(func(c *vit.Config) {
				f.device.change(c)
				s.change(c, v)
				if len(ways) > 1 && !mitigated {
					c.Mitigation = ""
				}
				how = runOf(*c)
			}))
			if err != nil {
				return err
			}
			row := got.compare(exact)
			row.Setting, row.Value, row.circuitRun = s.name, v, how
			if f.json {
				if err := json.NewEncoder(cmd.OutOrStdout()).Encode(row); err != nil {
					return errors.WithStack(err)
				}
			}
			rows = append(rows, row)
		}
	}
	if f.json {
		return nil
	}
	return s.show(cmd.OutOrStdout(), rows, len(ways))
}

// show prints a line for each value, of as many rows as there are ways to run the circuits.
func (s sweep) show(out io.Writer, rows []sweptRow, ways int) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	columns := []struct {
		name string
		text func(r sweptRow) string
	}{
		{"accuracy", func(r sweptRow) string { return fmt.Sprintf("%.4f", r.Accuracy) }},
		{"loss", func(r sweptRow) string { return fmt.Sprintf("%.4f", r.Loss) }},
		{"AUC", func(r sweptRow) string { return r.AUC.Text("%.4f") }},
		{"same prediction", func(r sweptRow) string { return fmt.Sprintf("%.4f", r.Agree) }},
		{"error of coefficients", func(r sweptRow) string { return fmt.Sprintf("%.3g", r.Coefficient) }},
		{"relative", func(r sweptRow) string { return fmt.Sprintf("%.3g", r.Relative) }},
	}
	fmt.Fprint(w, s.name)
	for _, c := range columns {
		fmt.Fprint(w, "\t"+c.name+strings.Repeat("\tmitigated", ways-1))
	}
	for i, r := range rows {
		if i%ways == 0 {
			fmt.Fprint(w, "\n"+r.Value)
			for _, c := range columns {
				for _, one := range rows[i : i+ways] {
					fmt.Fprint(w, "\t"+c.text(one))
				}
			}
		}
	}
	fmt.Fprintln(w)
	return errors.WithStack(w.Flush())
}

// measuredDevice is what a model makes of images with its circuits run in some way.
type measuredDevice struct {
	evaluation *train.Evaluation
	attention  []float64 // of the first images
	tokens     int
}

func measureDevice(ctx context.Context, p program, dir string, images *data.Images,
	o trained.Options) (d measuredDevice, err error) {
	m, err := p.openModel(dir, o)
	if err != nil {
		return d, err
	}
	defer m.Close()
	if d.evaluation, err = m.Evaluate(ctx, train.Images{Images: images}); err != nil {
		return d, err
	}
	if d.evaluation.Metrics == nil {
		return d, errors.New("--sweep: the data has no classes: want a model of classes, on labelled images")
	}
	single, err := m.NewPredictor(1, 1)
	if err != nil {
		return d, err
	}
	defer single.Close()
	for i := range min(attentionImages, images.Len()) {
		a, err := single.Attention(ctx, train.Images{Images: images}, i)
		if err != nil {
			return d, err
		}
		for _, l := range a.Blocks {
			d.attention, d.tokens = append(d.attention, l.Coefficients...), l.Tokens
		}
	}
	return d, nil
}

// compare returns the row of a measurement beside the exact one.
func (d measuredDevice) compare(exact measuredDevice) sweptRow {
	e := d.evaluation
	row := sweptRow{Accuracy: e.Metrics.Accuracy, Loss: e.Loss, AUC: e.Metrics.AUC}
	same := 0
	for i := range len(e.Labels) {
		from, to := i*e.Width, (i+1)*e.Width
		if metric.Largest(e.Predictions[from:to]) == metric.Largest(exact.evaluation.Predictions[from:to]) {
			same++
		}
	}
	row.Agree = float64(same) / float64(max(1, len(e.Labels)))
	row.Coefficient, row.Relative = attentionError(d.attention, exact.attention, d.tokens)
	return row
}

// attentionError returns the root mean square difference of attention coefficients from the exact ones, and
// to the deviation of these from even attention to that many tokens; 0 if they are even.
func attentionError(got, exact []float64, tokens int) (rms, relative float64) {
	off, spread := 0.0, 0.0
	for i, v := range got {
		w := exact[i]
		off += (v - w) * (v - w)
		spread += (w - 1/float64(tokens)) * (w - 1/float64(tokens))
	}
	if spread > 0 {
		relative = math.Sqrt(off / spread)
	}
	return math.Sqrt(off / float64(max(1, len(got)))), relative
}
