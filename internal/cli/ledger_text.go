package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/vit"
	"github.com/hqvit/hqvit/vit/ledger"
)

// writeLedger writes the ledger as tables, and what follows from them.
func writeLedger(out io.Writer, a vit.Config, l *ledger.Ledger) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	what, size := "image", fmt.Sprintf("%d×%d×%d", a.Image, a.Image, a.Channels)
	if !a.Pictures() {
		what, size = "examples", a.InputText()
	}
	fmt.Fprintf(table, "%s\t%s: %s of width %d, %d in each head\n", what, size, words.Count(l.Tokens, "token"),
		a.Width(), l.Width)
	fmt.Fprintf(table, "attention\t%s of %s, circuits of %s\n",
		words.Count(l.Blocks, "block"), words.Count(l.Heads, "head"), words.Count(l.Shape.Layers, "layer"))
	q := l.Qubits
	fmt.Fprintf(table, "qubits\t%d: ancilla %d, index 2·%d, data 2·%d; ", q.Total, q.Ancilla, q.Index, q.Data)
	fmt.Fprintf(table, "the paper's 2·log2(T·d)+1 is %d; two tokens alone: %d\n", q.Paper, q.Pair)
	effective := ""
	if l.Angles.Effective > 0 {
		effective = fmt.Sprintf("; U_q alone moves in %s, U_q†U_k in %d",
			words.Count(l.Angles.Alone, "direction"), l.Angles.Effective)
	}
	fmt.Fprintf(table, "angles\t%d in U_q and %d in U_k, a gate each%s\n",
		l.Angles.Query, l.Angles.Key, effective)
	one := l.Drawn.Total - l.Drawn.TwoQubit - l.Drawn.Larger
	fmt.Fprintf(table, "swap test\t%s as drawn: %d on one qubit, %d on two, %d on three, depth %d\n",
		words.Count(l.Drawn.Total, "gate"), one, l.Drawn.TwoQubit, l.Drawn.Larger, l.Drawn.Depth)
	if err := table.Flush(); err != nil {
		return err
	}
	writeGates(table, l)
	writeFlops(table, l)
	writeShots(table, l)
	writeGrowth(table, l)
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "\n"+strings.Join(ledgerFindings(l), "\n"))
	return err
}

func writeGates(table io.Writer, l *ledger.Ledger) {
	fmt.Fprintln(table, "\ngates of one shot\tCX\tone qubit\ttotal\tdepth")
	for _, r := range []struct {
		name string
		ledger.Gates
	}{
		{"swap test", l.Test},
		{"preparation of the image, each copy", l.Preparation},
		{"whole image: both copies and the test", l.Whole},
		{"preparation of one token", l.PairPreparation},
		{"pair alone: two tokens and the test", l.PairWhole},
	} {
		by := "counted"
		if r.Formula {
			by = "by formula"
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%s\n", r.name, r.CX, r.OneQubit, r.Total(), r.Depth, by)
	}
}

func writeFlops(table io.Writer, l *ledger.Ledger) {
	f := l.Flops
	fmt.Fprintln(table, "\nclassical flops of an image")
	for _, r := range []struct {
		name  string
		flops int
	}{
		{"this model", f.Model},
		{"  attention coefficients", f.Scores},
		{"  values, mixing, projection", f.Mixing},
		{"  MLPs", f.MLP},
		{"  stem, embedding, classifier", f.Ends},
		{"  all, if the coefficients were free", f.Free()},
		{"angles of the preparation, for a device", f.Loading},
		{"ViT of equal width", f.ViT},
		{"  attention coefficients", f.ViTOnly},
		{"ViT with as many parameters", f.Matched},
	} {
		fmt.Fprintf(table, "%s\t%d\t%.1f %%\n", r.name, r.flops, 100*float64(r.flops)/float64(f.Model))
	}
}

func writeShots(table io.Writer, l *ledger.Ledger) {
	b := l.Budget
	fmt.Fprintln(table, "\nestimating an image's coefficients")
	fmt.Fprintf(table, "pairs\t%s\t%d² a head: U_q†U_k has no symmetry that would halve them\n",
		amount(b.Pairs), l.Tokens)
	fmt.Fprintf(table, "shots a pair, error %v\t%s\tof the overlap ρ, which is taken to be 1/%d\n",
		b.Absolute, amount(b.PairShots), l.Width)
	fmt.Fprintf(table, "shots a pair, %v %% of ρ\t%s\tof the coefficient ρ/T², about %.2g\n",
		100*b.Relative, amount(b.RelativePairShots), b.Coefficient)
	for _, line := range []struct {
		name  string
		gates float64
	}{
		{fmt.Sprintf("gates, error %v, whole image a shot", b.Absolute), b.WholeGates},
		{fmt.Sprintf("gates, error %v, pair by pair", b.Absolute), b.PairGates},
		{fmt.Sprintf("gates, error %v, if preparation were free", b.Absolute), b.FreeGates},
		{fmt.Sprintf("gates, %v %% of ρ, pair by pair", 100*b.Relative), b.RelativePairGates},
		{"gates, one shot a pair", b.OnceGates},
	} {
		fmt.Fprintf(table, "%s\t%s\t%s for each flop of the coefficients\n",
			line.name, amount(line.gates), amount(line.gates/b.Flops))
	}
	fmt.Fprintf(table, "layers of gates, pair by pair\t%s\tone after the other on one device\n",
		amount(b.Depth))
}

func writeGrowth(table io.Writer, l *ledger.Ledger) {
	for _, side := range []struct {
		name string
		rows []ledger.Growth
		size func(ledger.Growth) int
	}{
		{"one head of " + words.Count(l.Tokens, "token") + ", width", l.OverWidth,
			func(g ledger.Growth) int { return g.Width }},
		{fmt.Sprintf("one head of width %d, tokens", l.Width), l.OverTokens,
			func(g ledger.Growth) int { return g.Tokens }},
	} {
		fmt.Fprintf(table,
			"\n%s\tqubits\tangles\ttest\tpreparation\twhole image\tpair by pair\tno preparation\tflops\n",
			side.name)
		for _, g := range side.rows {
			if size := side.size(g); slices.Contains([]int{1 << 4, 1 << 8, 1 << 12, 1 << 16, 1 << 20}, size) {
				fmt.Fprintf(table, "%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t%s\n",
					size, g.Qubits, g.Angles, g.TestGates, amount(g.PreparationGates), amount(g.WholeGates),
					amount(g.PairGates), amount(g.FreeGates), amount(g.Flops))
			}
		}
	}
}

// ledgerFindings says where the paper's claims hold and what they leave out.
func ledgerFindings(l *ledger.Ledger) []string {
	b, f := l.Budget, l.Flops
	share := func(g, preparation ledger.Gates) float64 {
		return 200 * float64(preparation.Total()) / float64(g.Total())
	}
	qubits := "as in the paper"
	if l.Qubits.Total != l.Qubits.Paper {
		qubits = fmt.Sprintf("%d more than the paper's %d, because tokens and width are padded separately",
			l.Qubits.Total-l.Qubits.Paper, l.Qubits.Paper)
	}
	free := "The gates do not fall below the flops up to a width of 2^20."
	for i, g := range l.OverWidth {
		if g.FreeGates < g.Flops {
			free = fmt.Sprintf("With %s the gates fall below the flops from a width of 2^%d on.",
				words.Count(l.Tokens, "token"), i+1)
			break
		}
	}
	return []string{
		fmt.Sprintf("Holds: %s, %s; %s a data qubit in each of U_q and U_k, which is O(log d).",
			words.Count(l.Qubits.Total, "qubit"), qubits, words.Count(l.Shape.Layers, "angle")),
		fmt.Sprintf("Holds: the coefficients need no classical products, "+
			"which are %.1f %% of this model's flops; "+
			"finding the angles of the preparation takes %s instead.",
			100*float64(f.Scores)/float64(f.Model), words.Count(f.Loading, "operation")),
		fmt.Sprintf("Left out: preparation. It is %.1f %% of the gates of a shot, "+
			"%.1f %% if only a pair is prepared, and grows as T·d, or as d; each shot uses its states up.",
			share(l.Whole, l.Preparation), share(l.PairWhole, l.PairPreparation)),
		fmt.Sprintf("Left out: shots. %s pairs of %s shots are %s shots an image, "+
			"and %s gates for each flop they save.",
			amount(b.Pairs), amount(b.PairShots), amount(b.Shots), amount(b.PairGates/b.Flops)),
		"If preparation were free and shots were not: " + free,
	}
}

// amount writes whole numbers below a million as they are, others with three digits: 2.06e9.
func amount(v float64) string {
	switch {
	case v < 1e6 && v >= 1e3 || v == float64(int64(v)) && v < 1e6:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v < 1e6:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', 2, 64), "e+")
	return mantissa + "e" + strings.TrimLeft(exponent, "0")
}
