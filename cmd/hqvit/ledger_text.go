package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/hqvit/hqvit/vit"
	"github.com/hqvit/hqvit/vit/ledger"
)

// tellLedger writes the ledger as tables, and what they say.
func tellLedger(out io.Writer, a vit.Config, l *ledger.Ledger) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "image\t%d×%d×%d: %d tokens of width %d, of a head %d\n", a.Image, a.Image, a.Channels, l.Tokens, a.Width(), l.Width)
	fmt.Fprintf(table, "attention\t%d blocks, heads %d, circuits of %d layers\n", l.Blocks, l.Heads, l.Shape.Layers)
	q := l.Qubits
	fmt.Fprintf(table, "qubits\t%d: ancilla %d, index 2·%d, data 2·%d; the paper's 2·log2(T·d)+1 is %d; two tokens alone: %d\n",
		q.Total, q.Ancilla, q.Index, q.Data, q.Paper, q.Pair)
	effective := ""
	if l.Angles.Effective > 0 {
		effective = fmt.Sprintf("; U_q alone moves in %d directions, U_q†U_k in %d", l.Angles.Alone, l.Angles.Effective)
	}
	fmt.Fprintf(table, "angles\t%d of U_q and %d of U_k, a gate each%s\n", l.Angles.Query, l.Angles.Key, effective)
	fmt.Fprintf(table, "swap test\t%d gates as drawn: %d of one qubit, %d of two, %d of three, depth %d\n",
		l.Drawn.Total, l.Drawn.Total-l.Drawn.TwoQubit-l.Drawn.Larger, l.Drawn.TwoQubit, l.Drawn.Larger, l.Drawn.Depth)
	if err := table.Flush(); err != nil {
		return err
	}
	gates(table, l)
	work(table, l)
	readout(table, l)
	growth(table, l)
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "\n"+strings.Join(verdict(l), "\n"))
	return err
}

func gates(table *tabwriter.Writer, l *ledger.Ledger) {
	fmt.Fprintln(table, "\ngates of one run\tCX\tone qubit\ttotal\tdepth")
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

func work(table *tabwriter.Writer, l *ledger.Ledger) {
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
		{"classical ViT of equal width", f.ViT},
		{"  attention coefficients", f.ViTOnly},
		{"classical ViT of equal parameters", f.Matched},
	} {
		fmt.Fprintf(table, "%s\t%d\t%.1f %%\n", r.name, r.flops, 100*float64(r.flops)/float64(f.Model))
	}
}

func readout(table *tabwriter.Writer, l *ledger.Ledger) {
	r := l.Readout
	fmt.Fprintln(table, "\nread-out of an image's coefficients")
	fmt.Fprintf(table, "pairs\t%s\t%d² a head: U_q†U_k has no symmetry that would spare one\n", amount(r.Pairs), l.Tokens)
	fmt.Fprintf(table, "runs a pair, error %v\t%s\tof the overlap ρ, which is taken to be 1/%d\n", r.Absolute, amount(r.Shots), l.Width)
	fmt.Fprintf(table, "runs a pair, %v %% of ρ\t%s\tof the coefficient ρ/T², about %.2g\n", 100*r.Relative, amount(r.RelShots), r.Size)
	for _, line := range []struct {
		name  string
		gates float64
	}{
		{fmt.Sprintf("gates, error %v, whole image a run", r.Absolute), r.Whole},
		{fmt.Sprintf("gates, error %v, pair by pair", r.Absolute), r.Pair},
		{fmt.Sprintf("gates, error %v, if preparation were free", r.Absolute), r.Unloaded},
		{fmt.Sprintf("gates, %v %% of ρ, pair by pair", 100*r.Relative), r.RelPair},
		{"gates, one run a pair", r.Once},
	} {
		fmt.Fprintf(table, "%s\t%s\t%s for each flop of the coefficients\n", line.name, amount(line.gates), amount(line.gates/r.Classical))
	}
	fmt.Fprintf(table, "layers of gates, pair by pair\t%s\tone after the other on one device\n", amount(r.Layers))
}

func growth(table *tabwriter.Writer, l *ledger.Ledger) {
	for _, side := range []struct {
		name string
		rows []ledger.Growth
		size func(ledger.Growth) int
	}{
		{fmt.Sprintf("one head of %d tokens, width", l.Tokens), l.OverWidth, func(g ledger.Growth) int { return g.Width }},
		{fmt.Sprintf("one head of width %d, tokens", l.Width), l.OverTokens, func(g ledger.Growth) int { return g.Tokens }},
	} {
		fmt.Fprintf(table, "\n%s\tqubits\tangles\ttest\tpreparation\tread, whole\tread, pairs\tread, no preparation\tclassical flops\n", side.name)
		for _, g := range side.rows {
			if size := side.size(g); size == 16 || size == 256 || size == 1<<12 || size == 1<<16 || size == 1<<20 {
				fmt.Fprintf(table, "%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t%s\n", size, g.Qubits, g.Angles, g.Test,
					amount(g.Preparation), amount(g.Whole), amount(g.Pair), amount(g.Unloaded), amount(g.Classical))
			}
		}
	}
}

// verdict says where the paper's claims hold and what they leave out.
func verdict(l *ledger.Ledger) []string {
	r, f := l.Readout, l.Flops
	share := func(g, preparation ledger.Gates) float64 {
		return 200 * float64(preparation.Total()) / float64(g.Total())
	}
	qubits := "as the paper says"
	if l.Qubits.Total != l.Qubits.Paper {
		qubits = fmt.Sprintf("%d more than the paper's %d, as tokens and width are padded apart", l.Qubits.Total-l.Qubits.Paper, l.Qubits.Paper)
	}
	free := "The gates do not fall below the flops up to a width of 2^20."
	for i, g := range l.OverWidth {
		if g.Unloaded < g.Classical {
			free = fmt.Sprintf("With %d tokens the gates fall below the flops from a width of 2^%d on.", l.Tokens, i+1)
			break
		}
	}
	return []string{
		fmt.Sprintf("Holds: %d qubits, %s; %d angles a data qubit in each of U_q and U_k, which is O(log d).", l.Qubits.Total, qubits, l.Shape.Layers),
		fmt.Sprintf("Holds: the coefficients take no classical products, which are %.1f %% of this model's flops; the angles of the preparation take %d operations instead.",
			100*float64(f.Scores)/float64(f.Model), f.Loading),
		fmt.Sprintf("Hidden: preparation. It is %.1f %% of the gates of a run, %.1f %% if only a pair is prepared, and grows as T·d, or as d; a state is used up by a run.",
			share(l.Whole, l.Preparation), share(l.PairWhole, l.PairPreparation)),
		fmt.Sprintf("Hidden: read-out. %s pairs of %s runs are %s runs an image, and %s gates for each flop they spare.",
			amount(r.Pairs), amount(r.Shots), amount(r.Runs), amount(r.Pair/r.Classical)),
		"If preparation were free and read-out not: " + free,
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
