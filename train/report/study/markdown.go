package study

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hqvit/hqvit/internal/words"
)

// Markdown returns the report as text: a table, sentences, and how to repeat the study.
func (r *Results) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", prose(joined(": ", r.title(), words.Count(len(r.Seeds), "seed"))))
	r.writeBody(&b)
	return b.String()
}

// writeBody writes the report without a title.
func (r *Results) writeBody(b *strings.Builder) {
	say := func(format string, values ...any) { fmt.Fprintf(b, format+"\n", values...) }
	groups, notes := r.counts()
	columns := []string{"model"}
	for i, metric := range r.metrics() {
		name := map[Metric]string{BalancedAccuracy: "balanced"}[metric]
		if name = cmp.Or(name, string(metric)); i == 0 {
			name = "test " + name
		}
		columns = append(columns, name)
		if i == 0 && r.viewed() {
			columns = append(columns, viewsColumn)
		}
	}
	columns = append(columns, "parameters")
	for _, name := range slices.Concat(groups, notes) { // which layers have chosen
		columns = append(columns, words.Cell(name))
	}
	columns = append(columns, "entropy of heads", "Mflop per "+r.noun(), r.noun()+"s/s")
	say("| %s |\n|%s", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
	for _, m := range r.Models {
		entropy := strings.Join(m.EntropyText(), "; ")
		if entropy == "" {
			entropy = "–"
		}
		counted := ""
		for _, name := range groups {
			counted += fmt.Sprintf(" %d |", m.Groups[name])
		}
		for _, name := range notes {
			counted += " " + m.note(name) + " |"
		}
		figures := ""
		for i, metric := range r.metrics() {
			figures += " " + m.figure(metric) + " |"
			if i == 0 && r.viewed() {
				figures += " " + r.viewsFigure(m) + " |"
			}
		}
		say("| %s |%s %d |%s %s | %s | %.0f |", words.Cell(m.Name), figures, m.Parameters, counted, entropy,
			m.Recipe.MegaFlops(), m.ImagesPerSecond.Mean)
	}
	say("")
	for _, overview := range r.overviews() {
		say("* %s", prose(overview))
	}
	for _, metric := range r.metrics() {
		for i, m := range r.Models {
			if i == 1 {
				say("")
			}
			if d := m.Differences[metric]; d != nil {
				say("* %s", prose(d.Sentence))
			}
		}
	}
	for i, note := range r.notes() {
		if i == 0 {
			say("")
		}
		say("* %s", prose(note))
	}
	r.writeSweeps(b)
	if r.Metadata.Remark != "" {
		say("\nThe data: %s.", r.Metadata.Remark)
	}
	say("\n%s. %s. The best epoch was chosen on the validation split, and the test split was evaluated "+
		"once per run.", r.seedText(), r.split())
	say("%sAn entropy of 1 is uniform attention; blocks are separated by semicolons. %ss/s are those of "+
		"the study's own runs, whatever else the machine was doing: compare speeds with `hqvit bench`.",
		countsText(groups, notes), strings.ToUpper(r.noun()[:1])+r.noun()[1:])
	if text := r.viewsText(); text != "" {
		say("%s", text)
	}
	command := r.Metadata.Command
	if command != "" {
		command = "`" + command + "`"
	}
	if origin := joined(", ", command, r.Metadata.origin(", ")); origin != "" {
		say("\n%s.", origin)
	}
}

// prose returns a sentence for Markdown: names in it are no HTML.
func prose(sentence string) string { return strings.ReplaceAll(sentence, "<", `\<`) }

// countsText says what the columns of counts are, with a space behind it; empty if there are none.
func countsText(groups, notes []string) string {
	text := ""
	if len(groups) > 0 {
		text = "Of the parameters, some are " + words.List(groups, "and") + ". "
	}
	if len(notes) > 0 {
		names := words.List(notes, "and")
		text += strings.ToUpper(names[:1]) + names[1:] + ": the largest number in any layer. "
	}
	return text
}

// title is what the data are called; empty if nobody said.
func (r *Results) title() string {
	name := cmp.Or(r.Metadata.Title, r.Metadata.Data)
	if name == "" && len(r.Models) > 0 && len(r.Models[0].Runs) > 0 {
		name = r.Models[0].Runs[0].Summary.Data
	}
	return name
}

// origin says when, where and with what the study was made, as far as it is known.
func (m Metadata) origin(separator string) string {
	return joined(separator, m.Date, m.Machine, m.Version)
}

// joined joins the texts that are not empty.
func joined(separator string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), separator)
}

// seedText says over what the figures are means.
func (r *Results) seedText() string {
	var names []string
	for _, seed := range r.Seeds {
		names = append(names, fmt.Sprint(seed))
	}
	if len(names) == 1 {
		return "Figures of seed " + names[0]
	}
	return "Means over seeds " + words.List(names, "and") + " ± the standard deviation of a run"
}
