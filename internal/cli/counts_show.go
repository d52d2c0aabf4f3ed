package cli

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qops/job"
	"github.com/hqvit/hqvit/trained"
)

// counted is what is printed of the counts of a job.
type counted struct {
	Job       string   `json:"job"`
	Kind      job.Kind `json:"kind"`
	Model     string   `json:"model"`
	Image     string   `json:"image"`
	Block     int      `json:"block"`
	Head      int      `json:"head"`
	Tokens    int      `json:"tokens"`
	Programs  int      `json:"programs"`
	Shots     int      `json:"shots"` // of all programs
	Simulated string   `json:"simulated,omitempty"`

	Exact    headResult `json:"exact"`
	Sampled  headResult `json:"sampled"` // by a perfect device, with the same shots
	Measured headResult `json:"measured"`

	Derivatives *derivatives `json:"derivatives,omitempty"`

	classes []string
}

// headResult is what overlaps make of the image.
type headResult struct {
	Overlaps  []float64        `json:"overlaps"`                  // T × T, the patch of the query first
	Errors    []float64        `json:"standard_errors,omitempty"` // of the overlaps
	Attention []float64        `json:"attention"`                 // the coefficients, T × T
	Classes   []trained.Ranked `json:"classes"`

	OverlapError   *deviation `json:"overlap_error,omitempty"`   // from the exact ones
	AttentionError *deviation `json:"attention_error,omitempty"` // the same
	// of the attention, to its deviation from even attention
	Relative float64 `json:"relative"`
}

// derivatives are those of the overlaps by the angles: a row of angles for each pair.
type derivatives struct {
	Angles   int       `json:"angles"`
	Exact    []float64 `json:"exact"`
	Measured []float64 `json:"measured"`
	Errors   []float64 `json:"standard_errors"`

	Error   deviation `json:"error"`
	Scaled  float64   `json:"rms_in_standard_errors"`
	Largest float64   `json:"largest_in_standard_errors"`
}

// compare fills in the results.
func (c *counted) compare(cmd *cobra.Command, j *job.Job, h *headOnImage, counts []job.Counts,
	seed uint64) error {
	exact, err := h.Overlaps()
	if err != nil {
		return err
	}
	measured, err := j.Overlaps(counts)
	if err != nil {
		return err
	}
	values, shots := j.Unshifted(), []int{}
	for i, p := range j.Programs {
		c.Shots += counts[i].Shots()
		if p.Shift == nil {
			shots = append(shots, counts[i].Shots())
		}
	}
	perfect, err := values.Simulate(cmd.Context(), job.Simulation{Seed: ^seed,
		Shots: func(i int) int { return shots[i] }})
	if err != nil {
		return err
	}
	sampled, err := values.Overlaps(perfect)
	if err != nil {
		return err
	}
	for _, r := range []struct {
		to *headResult
		of job.Estimate
	}{{&c.Exact, job.Estimate{Values: exact}}, {&c.Sampled, sampled}, {&c.Measured, measured}} {
		_, probabilities, err := h.run(r.of.Values)
		if err != nil {
			return err
		}
		*r.to = headResult{Overlaps: r.of.Values, Errors: r.of.Errors, Attention: h.attention(r.of.Values),
			Classes: h.Top(trained.Prediction{Probabilities: probabilities}, 3)}
		if r.of.Errors != nil {
			r.to.from(c.Exact, c.Tokens)
		}
	}
	if !j.HasGradient() {
		return nil
	}
	return c.differentiate(j, h, counts)
}

// from sets the errors beside the exact result.
func (r *headResult) from(exact headResult, tokens int) {
	overlaps, attention := deviationOf(r.Overlaps, exact.Overlaps), deviationOf(r.Attention, exact.Attention)
	r.OverlapError, r.AttentionError = &overlaps, &attention
	_, r.Relative = attentionError(r.Attention, exact.Attention, tokens)
}

func (c *counted) differentiate(j *job.Job, h *headOnImage, counts []job.Counts) error {
	exact, err := h.Jacobian()
	if err != nil {
		return err
	}
	measured, err := j.Jacobian(counts)
	if err != nil {
		return err
	}
	d := &derivatives{Angles: j.Angles, Exact: exact, Measured: measured.Values, Errors: measured.Errors,
		Error: deviationOf(measured.Values, exact)}
	n := 0
	for i, e := range measured.Errors {
		if e > 0 {
			off := math.Abs(measured.Values[i]-exact[i]) / e
			d.Scaled, d.Largest, n = d.Scaled+off*off, max(d.Largest, off), n+1
		}
	}
	d.Scaled = math.Sqrt(d.Scaled / float64(max(1, n)))
	c.Derivatives = d
	return nil
}

// show prints the results as tables.
func (c *counted) show(out io.Writer, pairs bool) {
	how := "measured"
	if c.Simulated != "" {
		how = "simulated " + c.Simulated
	}
	fmt.Fprintf(out, "%s: block %d, head %d of %s on %s, %s of %s\n%s, %s in %s, %s\n\n",
		c.Job, c.Block,
		c.Head, c.Model, c.Image, words.Count(c.Tokens*c.Tokens, "pair"), words.Count(c.Tokens, "patch"),
		map[job.Kind]string{
			job.WholeImage: "SWAP test of the whole image", job.PatchPairs: "pair by pair"}[c.Kind],
		words.Count(c.Shots, "shot"),
		words.Count(c.Programs, "program"), how)
	if c.Measured.Relative > 1 && c.Sampled.Relative < 0.5 {
		fmt.Fprint(out, "warning: what was measured is no nearer to the exact attention than even "+
			"attention is, and "+
			"shots alone do not explain it: is the --order right, and are these the counts of this job?\n\n")
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\toverlaps: rms error\tlargest\tattention: rms error\tlargest\tto its "+
		"spread\tprediction")
	for _, r := range []struct {
		name string
		headResult
	}{{"exact", c.Exact}, {"sampled", c.Sampled}, {"measured", c.Measured}} {
		fmt.Fprintf(table, "%s\t", r.name)
		if r.OverlapError == nil {
			fmt.Fprint(table, "\t\t\t\t\t")
		} else {
			fmt.Fprintf(table, "%.2e\t%.2e\t%.2e\t%.2e\t%.3g\t", r.OverlapError.RMS, r.OverlapError.Largest,
				r.AttentionError.RMS, r.AttentionError.Largest, r.Relative)
		}
		fmt.Fprintf(table, "%s\n", rankedText(r.Classes))
	}
	table.Flush()
	if d := c.Derivatives; d != nil {
		fmt.Fprintf(out, "\nderivatives of %s by %s: rms error %.2e, largest %.2e; in "+
			"standard errors %.3g, "+
			"largest %.3g\n", words.Count(c.Tokens*c.Tokens, "overlap"), words.Count(d.Angles, "angle"),
			d.Error.RMS, d.Error.Largest, d.Scaled, d.Largest)
	}
	if pairs {
		c.showPairs(out)
	}
}

// showPairs prints the numbers of each pair.
func (c *counted) showPairs(out io.Writer) {
	fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "query\tkey\toverlap\tsampled\tmeasured\tstandard "+
		"error\tattention\tsampled\tmeasured\t")
	for i, s := range c.Exact.Overlaps {
		fmt.Fprintf(table, "%d\t%d\t%.3e\t%.3e\t%.3e\t%.1e\t%.4f\t%.4f\t%.4f\t\n", i/c.Tokens, i%c.Tokens, s,
			c.Sampled.Overlaps[i], c.Measured.Overlaps[i], c.Measured.Errors[i], c.Exact.Attention[i],
			c.Sampled.Attention[i], c.Measured.Attention[i])
	}
	table.Flush()
}
