package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/vit"
)

// nextSteps says to somebody at a terminal what can be done with a run.
func nextSteps(program, dir string, a vit.Config) string {
	dir = shellWord(dir)
	if !a.Pictures() {
		return "\n" + program + " predict " + dir + " FILE   predicts rows of your own\n" +
			program + " eval " + dir + " --svg FILE   draws how good it is; --data takes other examples\n"
	}
	attends := a.Model == vit.Transformer
	text := "\n" + program + " predict " + dir + " IMAGE...   classifies your own pictures\n"
	if attends {
		text += program + " explain " + dir + " IMAGE      draws what the model attends to in one\n"
	}
	return text + program + " eval " + dir +
		"               tells the classes apart; --data takes other images\n"
}

// nounOf returns what an example of a model is called.
func nounOf(a vit.Config) string {
	if a.Pictures() {
		return "image"
	}
	return "example"
}

func printReport(out io.Writer, report *train.Report, dir, noun string) {
	fmt.Fprintf(out, "%s, %d of them quantum; %.0f %ss/s; %.0f s\n",
		words.Count(report.Parameters, "parameter"), report.Groups["quantum"], report.TrainExamplesPerSecond, noun, report.Seconds)
	switch {
	case report.Test == nil:
	case report.Test.Metrics == nil:
		var figures []string
		for _, f := range report.Test.Figures() {
			figures = append(figures, f.Title+" "+figureText(f.Value, "%.5g"))
		}
		fmt.Fprintf(out, "test %s, with the weights of epoch %d\n", strings.Join(figures, ", "), report.Best.Epoch)
	default:
		m := report.Test.Metrics
		fmt.Fprintf(out, "test accuracy %.4f, balanced %.4f, AUC %s, with the weights of epoch %d\n",
			m.Accuracy, m.BalancedAccuracy, figureText(m.AUC, "%.4f"), report.Best.Epoch)
	}
	fmt.Fprintln(out, dir)
}

// warnOfNone says what a run cannot tell without validation or test examples.
func warnOfNone(out io.Writer, val, test int, noun string) {
	if val == 0 {
		fmt.Fprintf(out, "warning: there are no validation %ss: the last epoch is taken for the best\n", noun)
	}
	if test == 0 {
		fmt.Fprintf(out, "warning: there are no test %ss: nothing will say how good the model is on new ones\n",
			noun)
	}
}

// figureText returns a figure of a sentence; an AUC of examples of one class, or an R² of one value, is none.
func figureText(v metric.Number, format string) string {
	if !v.Known() {
		return "not defined"
	}
	return v.Text(format)
}
