package study

import (
	"fmt"
	"strings"
)

// Markdown returns the report as text: a table, sentences, what was run.
func (r *Results) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s: %s\n\n", r.Metadata.Title, plural(len(r.Seeds), "seed"))
	r.body(&b)
	return b.String()
}

// body writes the report without a title.
func (r *Results) body(b *strings.Builder) {
	say := func(format string, values ...any) { fmt.Fprintf(b, format+"\n", values...) }
	say("| model | test accuracy | balanced | AUC | parameters | quantum | qubits | gates | entropy of heads | Mflop an image | images/s |")
	say("|---|---|---|---|---|---|---|---|---|---|---|")
	for _, m := range r.Models {
		entropy := strings.Join(m.EntropyText(), "; ")
		if entropy == "" {
			entropy = "–"
		}
		say("| %s | %s | %s | %s | %d | %d | %d | %s | %s | %s | %.0f |", m.Name, m.Accuracy.percent(), m.BalancedAccuracy.percent(), m.AUC.area(),
			m.Parameters, m.QuantumParameters, m.Qubits, m.GatesText(), entropy, m.Recipe.Mega(), m.ImagesPerSecond.Mean)
	}
	say("")
	for _, overview := range r.overviews() {
		say("* %s", overview)
	}
	for _, measure := range Metrics() {
		for i, m := range r.Models {
			if i == 1 {
				say("")
			}
			if d := m.Against(measure); d != nil {
				say("* %s", d.Sentence)
			}
		}
	}
	for i, note := range r.notes() {
		if i == 0 {
			say("")
		}
		say("* %s", note)
	}
	if r.Metadata.Remark != "" {
		say("\nThe data: %s.", r.Metadata.Remark)
	}
	say("\nMeans over seeds %v with the standard deviation of a run; %s; the epoch chosen on validation, the test split evaluated once a run.", r.Seeds, r.split())
	say("Qubits and gates are of the circuit of one head, without the preparation of its states. An entropy of 1 is attention to all tokens alike; a block after each semicolon.")
	say("\n`%s`, %s, %s, %s.", r.Metadata.Command, r.Metadata.Date, r.Metadata.Machine, r.Metadata.Version)
}

// notes say what has to be known of the models beside their figures.
func (r *Results) notes() []string {
	var notes []string
	for _, m := range r.Models {
		if m.Recipe.Matches > 0 {
			notes = append(notes, fmt.Sprintf("%s was to have %d parameters, as many as the model it matches, and has %+d.", m.Name, m.Recipe.Matches, m.Parameters-m.Recipe.Matches))
		}
		if len(m.Runs) < len(r.Seeds) {
			notes = append(notes, fmt.Sprintf("%s has %d of %d runs: the others failed.", m.Name, len(m.Runs), len(r.Seeds)))
		}
	}
	return notes
}

// split says how many images the splits have.
func (r *Results) split() string {
	if len(r.Models) == 0 {
		return "no runs"
	}
	s := r.Models[0].Runs[0].Summary
	return fmt.Sprintf("%d training, %d validation and %d test images", s.TrainExamples, s.ValExamples, s.TestExamples)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// percent is the spread of an accuracy as text.
func (s Spread) percent() string {
	if s.N < 2 {
		return fmt.Sprintf("%.2f %%", 100*s.Mean)
	}
	return fmt.Sprintf("%.2f ± %.2f %%", 100*s.Mean, 100*s.SD)
}

// area is the spread of an AUC as text, a dash for none.
func (s *Spread) area() string {
	switch {
	case s == nil:
		return "–"
	case s.N < 2:
		return fmt.Sprintf("%.4f", s.Mean)
	}
	return fmt.Sprintf("%.4f ± %.4f", s.Mean, s.SD)
}
