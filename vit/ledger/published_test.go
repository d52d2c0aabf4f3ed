package ledger

import (
	"math"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/vit"
)

// TestPublished holds numbers of size s, T=16 tokens of width 16 in each of 4 heads and 2 blocks, by hand.
func TestPublished(t *testing.T) {
	for name, want := range map[string]Published{
		// 4 qubits: 16 angles of the values and 4 CX, then 2·16+8 angles and 8 CX
		"hqvit:qsann": {Circuit: Gates{Qubits: 4, CX: 12, OneQubit: 56}, Angles: 2 * 4 * 2 * 40, PerHead: 2 * 16},
		// a third circuit for each token, measured in Z, Y and X for 12 values of 4 qubits
		"hqvit:qsann:quantum_values=true": {Circuit: Gates{Qubits: 4, CX: 12, OneQubit: 56}, Angles: 2 * 4 * 3 * 40,
			PerHead: (2 + 3) * 16},
		// 16 RX in four passes with three rings, then 2 layers of 4 RX and a ring
		"hqvit:z-dot": {Circuit: Gates{Qubits: 4, CX: 12 + 8, OneQubit: 16 + 8}, Angles: 2 * 4 * 2 * 8,
			PerHead: 2 * 16},
		// two registers of 4 qubits, each with 8 RY and 8 CX, CSWAP of two pairs at 8 CX and 9 others, 2 H
		"hqvit:qmsan": {Circuit: Gates{Qubits: 9, CX: 16 + 16, OneQubit: 16 + 18 + 2}, Angles: 2 * 4 * 2 * 8,
			PerHead: 256, Preparation: Gates{Qubits: 8, CX: 2 * 14, OneQubit: 2 * 15, Depth: 26, Formula: true}},
	} {
		c, err := vit.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		l, err := OfPublished(c, precision)
		if err != nil {
			t.Fatal(err)
		}
		l.Circuit.Depth = 0
		equal(t, name+" circuit", l.Circuit, want.Circuit)
		equal(t, name+" preparation", l.Preparation, want.Preparation)
		equal(t, name+" angles", l.Angles, want.Angles)
		equal(t, name+" circuits of a head", l.PerHead, want.PerHead)
		equal(t, name+" shots", l.Shots, float64(want.PerHead*8)*1e4)
		gates := want.Circuit.Total() + want.Preparation.Total()
		equal(t, name+" gates", l.ImageGates, l.Shots*float64(gates))
	}
}

// TestEveryPublishedAttentionHasALedger or says why it has none.
func TestEveryPublishedAttentionHasALedger(t *testing.T) {
	without := map[string]bool{"sinkhorn": true, "qr": true, "qpsan": true, "rbs-compound": true}
	for _, s := range vit.Scores() {
		c, err := vit.Named("hqvit:" + s.Name)
		if err != nil {
			t.Fatal(err)
		}
		l, err := OfPublished(c, precision)
		switch {
		case s.Source == "":
			if err == nil || !strings.Contains(err.Error(), "no published attention") {
				t.Errorf("%s: error %v", s.Name, err)
			}
		case without[s.Name]:
			if err == nil || !strings.Contains(err.Error(), "no circuit that can be counted") {
				t.Errorf("%s: error %v", s.Name, err)
			}
		case err != nil || l.Circuit.CX == 0 || l.Shots < 1e4 || (l.Angles == 0) != (s.Name == "doubly-stochastic"):
			t.Errorf("%s: %+v, %v", s.Name, l, err)
		default:
			t.Logf("%-18s %3d qubits, %4d CX and %4d others with preparation, %3d circuits a head, %4d angles", s.Name,
				l.Circuit.Qubits, l.Circuit.CX+l.Preparation.CX, l.Circuit.OneQubit+l.Preparation.OneQubit,
				l.PerHead,
				l.Angles)
		}
	}
}

// TestHeadShots holds an error of 0.01, 10,000 shots a circuit: of the 256 pairs of 16 tokens for scores of the
// ladder, and of the circuits of a head in the ledger for published attentions.
func TestHeadShots(t *testing.T) {
	for _, s := range vit.Scores() {
		c, err := vit.Named("hqvit:" + s.Name)
		if err != nil {
			t.Fatal(err)
		}
		want := 0.0 // no circuits
		if l, err := OfPublished(c, precision); err == nil {
			want = 1e4 * float64(l.PerHead)
		} else if s.Source == "" && s.Circuits {
			want = 256e4
		}
		got, err := HeadShots(c, 0.01)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %v shots, want %v (%v)", s.Name, got, want, err)
		}
	}
	c, err := vit.Named("hqvit")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := HeadShots(c, e); err == nil {
			t.Errorf("an error of %v: no error", e)
		}
	}
	if c, err = vit.Named("cnn"); err != nil {
		t.Fatal(err)
	}
	if _, err := HeadShots(c, 0.01); err == nil || !strings.Contains(err.Error(), "has no attention") {
		t.Errorf("cnn: error %v", err)
	}
}

func TestOfPublishedRefuses(t *testing.T) {
	c, err := vit.Named("hqvit:qsann")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OfPublished(c, Precision{}); err == nil {
		t.Error("no precision: no error")
	}
	c.Heads = 3
	if _, err := OfPublished(c, precision); err == nil {
		t.Error("3 heads of 64: no error")
	}
}
