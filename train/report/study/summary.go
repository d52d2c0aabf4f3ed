package study

import (
	"fmt"
	"strings"
)

// writeSummary writes a table of accuracies and differences, and the overviews. The names of models go
// through label.
func (r *Results) writeSummary(page *strings.Builder, label func(Model) string) {
	rule := "|---|---|---|---|---|---|---|---|"
	fmt.Fprint(page, "| model | parameters |")
	for i, metric := range r.metrics() {
		name := metric.title()
		if i == 0 {
			name = "test " + name
		}
		fmt.Fprintf(page, " %s | difference |", name)
		if i == 0 && r.viewed() {
			fmt.Fprintf(page, " %s |", viewsColumn)
			rule += "---|"
		}
	}
	fmt.Fprintf(page, "\n%s\n", rule)
	for _, m := range r.Models {
		fmt.Fprintf(page, "| %s | %d |", label(m), m.Parameters)
		for i, metric := range r.metrics() {
			fmt.Fprintf(page, " %s | %s |", m.figure(metric), m.Differences[metric].text(metric))
			if i == 0 && r.viewed() {
				fmt.Fprintf(page, " %s |", r.viewsFigure(m))
			}
		}
		fmt.Fprintln(page)
	}
	fmt.Fprintln(page)
	for _, overview := range r.overviews() {
		fmt.Fprintf(page, "* %s\n", prose(overview))
	}
	if text := r.viewsText(); text != "" {
		fmt.Fprintf(page, "* %s\n", text)
	}
	if r.Metadata.Remark != "" {
		fmt.Fprintf(page, "* The data: %s.\n", r.Metadata.Remark)
	}
}
