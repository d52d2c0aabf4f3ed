package cli

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train/metric"
)

// measured is what is printed of a split with labels or values: its metrics, the list in their order.
type measured struct {
	Data  string `json:"data"`
	Split string `json:"split"`
	Count int    `json:"examples"`
	circuitRun
	Labels *metric.Labels `json:"labels,omitempty"`
	Values *metric.Values `json:"values,omitempty"`
	Names  []string       `json:"names"`

	WithViews *overViews `json:"with_views,omitempty"`
}

func (e measured) show(out io.Writer, loss float64, figures []metric.Figure) error {
	fmt.Fprintf(out, "data=%s split=%s examples=%d%s loss=%.6f", e.Data, e.Split, e.Count, e.circuitRun, loss)
	for _, f := range figures {
		fmt.Fprintf(out, " %s=%s", f.Name, f.Value.Text("%.6g"))
	}
	fmt.Fprintln(out, e.WithViews)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if e.Labels != nil {
		fmt.Fprintln(table, "label\tAUC\taverage precision\tF1\tprecision\trecall\texamples with it")
		for k, l := range e.Labels.Each {
			fmt.Fprintf(table, "%s\t%s\t%s\t%.4f\t%.4f\t%.4f\t%d\n", e.Names[k], l.AUC.Text("%.4f"),
				l.AP.Text("%.4f"), l.F1, l.Precision, l.Recall, l.Positives)
		}
	}
	if e.Values != nil {
		fmt.Fprintln(table, "value\tRMSE\tMAE\tR²")
		for k, v := range e.Values.Each {
			fmt.Fprintf(table, "%s\t%.5g\t%.5g\t%s\n", e.Names[k], v.RMSE, v.MAE, v.R2.Text("%.4f"))
		}
	}
	return errors.WithStack(table.Flush())
}

// takes returns an error unless the model can be given the examples of a set, and answers with its targets.
func (m *model) takes(set *data.Set, name string) error {
	is := examplesOf(set, m.meta.Config.Image)
	switch {
	case is.Pictures() != m.meta.Config.Pictures() || !is.Pictures() && set.Shape != m.meta.Shape:
		return usageError{errors.Errorf("%s has %s, the model is for %s", name, is.InputText(),
			m.meta.Config.InputText())}
	case is.Output != m.meta.Config.Output:
		return usageError{errors.Errorf("%s has %s, the model gives %s: if the data is read as something "+
			"else than it is, "+
			"as=%s in its name helps", name, is.OutputText(), m.meta.Config.OutputText(),
			plural(data.Target(m.meta.Config.Output)))}
	}
	return nil
}
