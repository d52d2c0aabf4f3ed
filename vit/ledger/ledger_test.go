package ledger

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/vit"
)

var precision = Precision{Absolute: 0.01, Relative: 0.1}

func of(t *testing.T, name string, change func(*vit.Config)) *Ledger {
	t.Helper()
	c, err := vit.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&c)
	}
	l, err := Of(c, precision)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %+v, want %+v", what, got, want)
	}
}

// TestOneHead holds every number of size s with one head, whose circuits are those of the paper's form: T=16,
// d=64, 2 blocks, 2 layers. By hand: 2^10 amplitudes take 1022 CX and 1023 RY, twice; the test has 2·12 RY,
// 24 CX of rings, and 6 CSWAP of 8 CX and 9 others, 2 H.
func TestOneHead(t *testing.T) {
	l := of(t, "hqvit", func(c *vit.Config) { c.Heads = 1 })
	equal(t, "qubits", l.Qubits, Qubits{Total: 21, Ancilla: 1, Index: 4, Data: 6, Paper: 21, Pair: 13})
	equal(t, "angles", l.Angles, Angles{Query: 12, Key: 12, Alone: 12, Effective: 18})
	equal(t, "drawn", l.Drawn.String(),
		"21 qubits, 56 gates (cswap 6, cx 24, h 2, ry 24), 24 on two qubits, 6 on more than two, "+
			"depth 21, 24 trainable angles")
	equal(t, "test", l.Test, Gates{Qubits: 21, CX: 24 + 48, OneQubit: 24 + 54 + 2, Depth: 67})
	equal(t, "preparation", l.Preparation, Gates{Qubits: 10, CX: 1022, OneQubit: 1023, Depth: 2036})
	equal(t, "whole", l.Whole,
		Gates{Qubits: 21, CX: 72 + 2*1022, OneQubit: 80 + 2*1023, Depth: 67 + 2036 - 4})
	equal(t, "preparation of a token", l.PairPreparation, Gates{Qubits: 6, CX: 62, OneQubit: 63, Depth: 120})
	equal(t, "pair", l.PairWhole, Gates{Qubits: 13, CX: 72 + 2*62, OneQubit: 80 + 2*63, Depth: 187})
	const scores = 2 * (2*16*64*64 + 2*16*16*64)
	equal(t, "flops", l.Flops, Flops{Model: 1986560, Scores: scores, Mixing: 2 * (4*16*64*64 + 2*16*16*64),
		MLP: 2 * 4 * 16 * 64 * 128, Ends: 2 * 16 * 64 * 10,
		ViT: 2248704, ViTOnly: 2 * (4*16*64*64 + 2*16*16*64), Matched: 1724416, Loading: 2 * (2*1023 + 8194)})
	equal(t, "shots", l.Budget.PairShots, 9998) // (1 − 1/64²)·10⁴
	equal(t, "runs", l.Budget.Shots, 2*256*9998)
	equal(t, "gates of pairs", l.Budget.PairGates, 2*256*9998*(72+80+2*125))
	equal(t, "gates of the whole", l.Budget.WholeGates, 2*256*9998*(72+80+2*2045))
	equal(t, "without preparation", l.Budget.FreeGates, 2*256*9998*152)
	equal(t, "once", l.Budget.OnceGates, 2*256*402)
	equal(t, "relative", l.Budget.RelativePairShots, 100*(64*64-1)) // (1 − ρ²)/(0.1ρ)²
	equal(t, "classical", l.Budget.Flops, scores)
}

// TestFourHeads holds the numbers of size s as it is, d=16: 2^8 amplitudes take 254 CX and 255 RY, twice; the
// test has 2·8 RY, 16 CX of rings, and 4 CSWAP of 8 CX and 9 others, 2 H.
func TestFourHeads(t *testing.T) {
	l := of(t, "hqvit", nil)
	equal(t, "qubits", l.Qubits, Qubits{Total: 17, Ancilla: 1, Index: 4, Data: 4, Paper: 17, Pair: 9})
	equal(t, "angles", l.Angles, Angles{Query: 8, Key: 8, Alone: 8, Effective: 12})
	equal(t, "drawn", l.Drawn.String(),
		"17 qubits, 38 gates (cswap 4, cx 16, h 2, ry 16), 16 on two qubits, 4 on more than two, "+
			"depth 15, 16 trainable angles")
	equal(t, "test", l.Test, Gates{Qubits: 17, CX: 16 + 32, OneQubit: 16 + 36 + 2, Depth: 47})
	equal(t, "preparation", l.Preparation, Gates{Qubits: 8, CX: 254, OneQubit: 255, Depth: 502})
	equal(t, "whole", l.Whole, Gates{Qubits: 17, CX: 48 + 2*254, OneQubit: 54 + 2*255, Depth: 47 + 502 - 2})
	equal(t, "pair", l.PairWhole, Gates{Qubits: 9, CX: 48 + 2*14, OneQubit: 54 + 2*15, Depth: 73})
	const scores = 2 * 4 * (2*16*16*16 + 2*16*16*16)
	equal(t, "flops", l.Flops, Flops{Model: 1789952, Scores: scores, Mixing: 2 * (4*16*64*64 + 2*16*16*64),
		MLP: 2 * 4 * 16 * 64 * 128, Ends: 2 * 16 * 64 * 10,
		ViT: 2248704, ViTOnly: 2 * (4*16*64*64 + 2*16*16*64), Matched: 1724416,
		Loading: 2 * 4 * (2*255 + 6*256 + 2)})
	equal(t, "shots", l.Budget.PairShots, 9961) // (1 − 1/16²)·10⁴
	equal(t, "runs", l.Budget.Shots, 2*4*256*9961)
	equal(t, "gates of pairs", l.Budget.PairGates, 2*4*256*9961*(48+54+2*29))
	equal(t, "gates of the whole", l.Budget.WholeGates, 2*4*256*9961*(48+54+2*509))
	equal(t, "relative", l.Budget.RelativePairShots, 100*(16*16-1)) // (1 − ρ²)/(0.1ρ)²
}

// TestOneRunIsMoreThanTheProduct: two preparations of d amplitudes are 4d − 6 gates, the product of two rows
// 2d flops, so that even a single run of a pair is more gates than its coefficient has flops, at any width.
func TestOneRunIsMoreThanTheProduct(t *testing.T) {
	for _, g := range of(t, "hqvit", nil).OverWidth {
		run := g.PairGates / g.PairShots / float64(g.Tokens*g.Tokens)
		equal(t, fmt.Sprintf("width %d", g.Width), run, float64(4*g.Width-6+g.TestGates))
	}
}

// TestNoSaving is what docs/resources.md says of all sizes up to 2^20: estimated to 0.01, the coefficients
// take more gates than flops.
func TestNoSaving(t *testing.T) {
	least, at := math.Inf(1), Growth{}
	for k := range 21 {
		for _, g := range (Shape{Tokens: 1 << k, Width: 64, Layers: 2}).overWidth(precision) {
			if ratio := min(g.PairGates, g.WholeGates) / g.Flops; ratio < least {
				least, at = ratio, g
			}
		}
	}
	if math.Abs(least-165.3) > 0.1 || at.Tokens != 1 || at.Width != 1<<20 {
		t.Errorf("least ratio %v, of %+v", least, at)
	}
}

// TestModels compares the ledger of other models with vit and with the circuits that these models note when
// they are built.
func TestModels(t *testing.T) {
	for name, change := range map[string]func(*vit.Config){
		"hqvit-m":     nil,
		"hqvit-paper": nil,
		"hqvit-stem":  nil,
		"hqvit": func(c *vit.Config) {
			c.Channels, c.Image, c.Patch, c.Heads, c.Layers, c.Score = 3, 24, 8, 1, 3, "frozen"
		}, // T=9 of 16, d=192 of 256
	} {
		c, err := vit.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(&c)
		}
		l := of(t, name, change)
		_, micro := vit.DefaultBatch(c)
		flops, _, err := vit.Flops(c, micro)
		if err != nil || flops != l.Flops.Model || l.Flops.Mixing+l.Flops.MLP+l.Flops.Ends != l.Flops.Free() {
			t.Errorf("%s: flops %+v of %d (%v)", name, l.Flops, flops, err)
		}
		ends := 2 * c.Tokens() * c.Width() * c.Classes
		if c.Embed > 0 {
			ends += 2 * c.Tokens() * c.Channels * c.Patch * c.Patch * c.Embed
		}
		if name == "hqvit-stem" { // 3×3 filters at 16² and 8² places
			ends += 2 * (16*9*256 + 16*16*9*64)
		}
		equal(t, name+": ends", l.Flops.Ends, ends)
		head := c.Width() / c.Heads
		scores := 2 * c.Tokens() * head * (head + c.Tokens())
		if name == "hqvit" { // so wide that the circuits run on the rows: 2·3·8 rotations of 256 values
			scores = c.Tokens() * (2*c.Tokens()*head + 3*48*256)
		}
		equal(t, name+": scores", l.Flops.Scores, c.Depth*c.Heads*scores)
		figure := figureOf(t, c)
		equal(t, name+": the circuit of the model", l.Drawn.String(), figure.Circuit.Resources().String())
		equal(t, name+": heads", l.Heads, figure.Heads)
		if name == "hqvit" { // 9·192 values would go on 11 qubits; 9 tokens take 4 and 192 values 8
			equal(t, name+": qubits", l.Qubits, Qubits{Total: 25, Ancilla: 1, Index: 4, Data: 8, Paper: 23,
				Pair: 17})
		}
		if s := l.Shape; l.Test.CX != s.testGates().CX || l.Test.OneQubit != s.testGates().OneQubit ||
			l.Whole.CX > s.wholeGates().CX || l.Whole.OneQubit > s.wholeGates().OneQubit {
			t.Errorf("%s: %+v, %+v against the formulas %+v, %+v",
				name, l.Test, l.Whole, s.testGates(), s.wholeGates())
		}
	}
}

// TestBeyondACircuit: an image too large for one circuit is counted by the formulas, and says so.
func TestBeyondACircuit(t *testing.T) {
	l := of(t, "hqvit", func(c *vit.Config) { c.Image, c.Heads = 256, 1 }) // T=1024, d=64: 33 qubits
	equal(t, "qubits", l.Qubits.Total, 33)
	equal(t, "by formula", [4]bool{l.Test.Formula, l.Whole.Formula, l.Preparation.Formula,
		l.PairWhole.Formula}, [4]bool{true, true, true, false})
	equal(t, "whole", l.Whole.CX, 72+2*(1<<16-2))
	equal(t, "drawn", l.Drawn.Qubits, 33)
}

func TestRefuses(t *testing.T) {
	for want, change := range map[string]func(*vit.Config){
		"hqvit:hadamard has no":        func(c *vit.Config) { c.Score = "hadamard" },
		"vit has no swap test":         func(c *vit.Config) { c.Score = "dot" },
		"do not tile":                  func(c *vit.Config) { c.Image = 33 },
		"heads of width 1":             func(c *vit.Config) { c.Heads = 64 },
		"5.43e+08 values for an image": func(c *vit.Config) { c.Patch, c.Image, c.Embed, c.Heads = 4, 512, 16, 1 },
		// a stem that does not halve the picture: 65,536² coefficients
		"3.44e+10 values for an image": func(c *vit.Config) {
			c.Image, c.Stem, c.StemStride, c.Patch = 1024, []int{4, 4}, []int{1, 1}, 4
		},
	} {
		c, err := vit.Named("hqvit-s")
		if err != nil {
			t.Fatal(err)
		}
		change(&c)
		if _, err := Of(c, precision); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
		if _, err := Of(c, Precision{Absolute: 0.1}); err == nil ||
			!strings.Contains(err.Error(), "want both finite and above 0") {
			t.Errorf("got %v", err)
		}
	}
}

// TestRanks is the table of docs/math.md, which docs/peers/attention_golden.py counts independently. Of one U
// alone all angles count, except with 3 layers on 3 qubits.
func TestRanks(t *testing.T) {
	for layers, row := range map[int][]int{1: {2, 3, 4, 5, 6}, 2: {6, 8, 12, 15, 18},
		3: {6, 12, 20, 25, 30}} {
		for i, want := range row {
			n := i + 2
			q := qlayer.RealAmplitudes(layers)(n)
			w := q.OffsetParams(layers*n, 0).Compose(q.Adjoint())
			equal(t, fmt.Sprintf("W, layers %d, n %d", layers, n), rank(t, w), want)
			alone := layers * n
			if layers == 3 && n == 3 {
				alone = 8
			}
			equal(t, fmt.Sprintf("U, layers %d, n %d", layers, n), rank(t, q), alone)
		}
	}
	equal(t, "two rotations of one qubit", rank(t, qlayer.Product(2)(1)), 1)
	equal(t, "any real matrix of two qubits", rank(t, qlayer.Brick(9)(2)), 6)
	if _, err := Rank(qlayer.Product(1)(9)); err == nil ||
		!strings.Contains(err.Error(), "at most 8 qubits") {
		t.Errorf("nine qubits: %v", err)
	}
	if _, err := Rank(qlayer.Reuploading(1)(2)); err == nil || !strings.Contains(err.Error(), "no inputs") {
		t.Errorf("inputs: %v", err)
	}
}

// No Config, Precision or circuit that a user gets wrong makes an exported function panic.
func TestWrongValuesAreErrors(t *testing.T) {
	for _, name := range append(vit.Names(), "hqvit:uniform", "hqvit:product") {
		c, err := vit.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		for what, change := range map[string]func(c *vit.Config, p *Precision){
			"no patch":           func(c *vit.Config, p *Precision) { c.Patch = 0 },
			"no heads":           func(c *vit.Config, p *Precision) { c.Heads = 0 },
			"negative depth":     func(c *vit.Config, p *Precision) { c.Depth = -1 },
			"nothing":            func(c *vit.Config, p *Precision) { *c = vit.Config{} },
			"no error":           func(c *vit.Config, p *Precision) { *p = Precision{} },
			"a negative error":   func(c *vit.Config, p *Precision) { p.Absolute = -1 },
			"a NaN":              func(c *vit.Config, p *Precision) { p.Relative = math.NaN() },
			"an infinite error":  func(c *vit.Config, p *Precision) { p.Relative = math.Inf(1) },
			"too many values":    func(c *vit.Config, p *Precision) { c.Image, c.Hidden = 1<<20, 1<<30 },
			"too many channels":  func(c *vit.Config, p *Precision) { c.Channels = 1 << 40 },
			"heads of one value": func(c *vit.Config, p *Precision) { c.Heads = c.Width() },
		} {
			c, p := c, precision
			change(&c, &p)
			if l, err := Of(c, p); err == nil || l != nil {
				t.Errorf("%s with %s: %v, no error", name, what, l)
			}
		}
	}
	for what, c := range map[string]*circuit.Circuit{"nil": nil, "-1 qubits": circuit.New(-1),
		"qubit 9 of 2": circuit.New(2).RX(9, circuit.Theta(0))} {
		if _, err := Rank(c); err == nil {
			t.Errorf("rank of a circuit with %s: no error", what)
		}
	}
	_, _ = Rank(&circuit.Circuit{}) // whatever that is, no panic
}
