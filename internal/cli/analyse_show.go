package cli

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train/report/chart"
)

// write prints the tables.
func (a analysed) write(out io.Writer, svg string) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	var below []string
	if len(a.Circuits) > 0 {
		below = a.writeCircuits(table)
	}
	if len(a.Plateaus) > 0 {
		below = append(below, a.writePlateaus(table)...)
	}
	if a.Spectrum != nil {
		a.writeSpectrum(table)
	}
	if len(a.Learned) > 0 {
		below = append(below, a.writeLearned(table)...)
	}
	if err := table.Flush(); err != nil {
		return errors.WithStack(err)
	}
	if svg != "" {
		below = append(below, svg)
	}
	if len(below) > 0 {
		fmt.Fprintln(out, "\n"+strings.Join(below, "\n"))
	}
	return nil
}

// short writes a figure with three digits.
func short(x float64) string {
	if x != 0 && math.Abs(x) < 1e-3 {
		return strconv.FormatFloat(x, 'e', 1, 64)
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}

func (a analysed) writeCircuits(table io.Writer) (below []string) {
	fmt.Fprintln(table, "circuit\tlayers\tqubits\tangles\texpressibility\tentanglement\tFisher rank\t"+
		"effective dimension\tLie dimension\tgradient")
	none := "–"
	for _, c := range a.Circuits {
		layers, rank, effective, lie, gradient := none, none, none, none, none
		if c.Layers > 0 {
			layers = strconv.Itoa(c.Layers)
		}
		if c.Fisher != nil {
			rank, gradient = strconv.Itoa(c.Fisher.Rank), short(c.Gradient.Mean)
		}
		if c.Effective > 0 {
			effective = short(c.Effective)
		}
		switch {
		case c.Lie > 0:
			lie = strconv.Itoa(c.Lie)
		case c.Fisher != nil && c.Qubits <= mostLieQubits:
			lie = fmt.Sprint("above ", mostLie)
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\t%s ± %s\t%s\t%s\t%s\t%s\n", c.Name, layers, c.Qubits, c.Angles,
			short(c.Expressibility.KL), short(c.Entanglement.Mean), short(c.Entanglement.Deviation), rank,
			effective, lie,
			gradient)
	}
	for _, c := range a.Circuits {
		if len(c.Entropy) == 0 {
			continue
		}
		fmt.Fprintf(table, "\nentropy between the halves of %s, bits\tbehind operation\n", c.Name)
		for _, e := range c.Entropy {
			fmt.Fprintf(table, "%s ± %s\t%d, %s\n", short(e.Mean), short(e.Deviation), e.Operation, e.Gate)
		}
	}
	first := a.Circuits[0]
	d := math.Exp2(float64(first.Qubits))
	return append(below, fmt.Sprintf("Random states of %s: expressibility about %s with %s, "+
		"entanglement %s. "+
		"At most: Fisher rank %.0f, Lie dimension %.0f. Gradients of random circuits: %s.",
		words.Count(first.Qubits, "qubit"), short(first.Expressibility.Floor),
		words.Count(first.Expressibility.Pairs, "pair"), short(first.Entanglement.Haar), 2*d-2, d*d-1,
		short(d*d/(2*(d*d-1)*(d+1)))))
}

func (a analysed) writePlateaus(table io.Writer) []string {
	fmt.Fprint(table, "circuit\tlayers\tcost")
	for _, v := range a.Plateaus[0].Points {
		fmt.Fprintf(table, "\t%s", words.Count(v.Qubits, "qubit"))
	}
	fmt.Fprintln(table, "\ta qubit more\tfits better")
	for _, p := range a.Plateaus {
		fmt.Fprintf(table, "%s\t%d\t%s", p.Name, p.Layers, p.Cost)
		for _, v := range p.Points {
			fmt.Fprintf(table, "\t%s ± %s", short(v.Mean), short(v.Error))
		}
		fits := p.Better
		if fits == "polynomial" {
			fits = fmt.Sprintf("n^%s", short(p.Power))
		}
		fmt.Fprintf(table, "\t×%s\t%s\n", short(p.Rate), fits)
	}
	return []string{"Mean variance of the derivatives by the trained angles, with the standard error of " +
		"the draws."}
}

func (a analysed) writeSpectrum(table io.Writer) {
	fmt.Fprintf(table, "frequency of %s\tpower in ⟨%s⟩\n", a.Spectrum.Input, a.Spectrum.Pauli)
	for k, v := range a.Spectrum.Power {
		fmt.Fprintf(table, "%d\t%s ± %s\n", k, short(v), short(a.Spectrum.Deviation[k]))
	}
}

func (a analysed) writeLearned(table io.Writer) []string {
	fmt.Fprintln(table, "W of\thead\tqubits\tfrom the identity\tspacing of phases\tentangling "+
		"power\tlargest phase")
	for _, l := range a.Learned {
		largest := 0.0
		for _, p := range l.Phases {
			largest = max(largest, math.Abs(p))
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%s\t%s\t%s\n", l.Layer, l.Head, l.Qubits, short(l.Identity),
			short(l.Spacing), short(l.Entangling), short(largest))
	}
	first := a.Learned[0]
	return []string{fmt.Sprintf("Random matrices of %s: %s from the identity, entangling power %s, "+
		"spacing 0.6, "+
		"or 0.39 for phases that know nothing of each other.", words.Count(first.Qubits, "qubit"),
		short(first.IdentityHaar),
		short(first.EntanglingHaar))}
}

// draw draws the figures over the layers, the variances over the qubits, or the spectrum.
func (a analysed) draw(w io.Writer) error {
	switch {
	case a.Spectrum != nil:
		var line chart.SweptLine
		line.Name = "⟨" + a.Spectrum.Pauli + "⟩"
		for k, v := range a.Spectrum.Power {
			line.Points = append(line.Points, chart.SweptMark{At: float64(k), Mean: v, Low: v, High: v})
		}
		return chart.Swept(w, "", "frequency of "+a.Spectrum.Input, "constant", false,
			[]chart.SweptPanel{{Y: "mean |c|²", Lines: []chart.SweptLine{line}}})
	case len(a.Plateaus) > 0:
		return a.drawPlateaus(w)
	}
	panels := []chart.SweptPanel{{Y: "expressibility", Log: true}, {Y: "entanglement"},
		{Y: "variance of gradients", Log: true}}
	for i := 0; i < len(a.Circuits); {
		var lines [3]chart.SweptLine
		name := a.Circuits[i].Name
		for ; i < len(a.Circuits) && a.Circuits[i].Name == name; i++ {
			c := a.Circuits[i]
			values := []float64{c.Expressibility.KL, c.Entanglement.Mean, 0}
			if c.Gradient != nil {
				values[2] = c.Gradient.Mean
			}
			for k, v := range values {
				lines[k].Name = name
				lines[k].Points = append(lines[k].Points,
					chart.SweptMark{At: float64(c.Layers), Mean: v, Low: v, High: v})
			}
		}
		for k := range panels {
			panels[k].Lines = append(panels[k].Lines, lines[k])
		}
	}
	return chart.Swept(w, "", "layers", "", false, panels)
}

func (a analysed) drawPlateaus(w io.Writer) error {
	var panels []chart.SweptPanel
	places := map[string]int{}
	for _, p := range a.Plateaus {
		at, ok := places[p.Cost]
		if !ok {
			at = len(panels)
			places[p.Cost] = at
			panels = append(panels, chart.SweptPanel{Y: p.Cost, Log: true})
		}
		line := chart.SweptLine{Name: p.Name}
		if many := a.Plateaus[0].Layers != a.Plateaus[len(a.Plateaus)-1].Layers; many {
			line.Name = p.Name + ", " + words.Count(p.Layers, "layer")
		}
		for _, v := range p.Points {
			line.Points = append(line.Points, chart.SweptMark{At: float64(v.Qubits), Mean: v.Mean,
				Low: v.Mean - 1.96*v.Error, High: v.Mean + 1.96*v.Error})
		}
		panels[at].Lines = append(panels[at].Lines, line)
	}
	return chart.Swept(w, "variance of gradients", "qubits", "", false, panels)
}
