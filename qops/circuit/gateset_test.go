package circuit_test

import (
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

func TestGateSets(t *testing.T) {
	want := []string{"rz-sx-cx {rz, sx, x, cx}", "rz-rx-cz {rz, rx, cz}", "u3-cx {u, cx}",
		"ionq {gpi, gpi2, ms}"}
	for i, s := range circuit.GateSets() {
		again, err := circuit.ParseGateSet(s.Name())
		if err != nil || s.String() != want[i] || again.String() != want[i] || s.Err() != nil {
			t.Errorf("got %v and %v (%v), want %s", s, again, err, want[i])
		}
	}
	s, err := circuit.ParseGateSet("h, rz, rzz")
	if err != nil || s.String() != "{h, rz, rzz}" || !s.Has("h") || s.Has("x") || len(s.Gates()) != 3 {
		t.Errorf("got %v, %v", s, err)
	}
	c := circuit.New(2).CX(0, 1).H(0).CRX(0, 1, circuit.Theta(0))
	for i, native := range []bool{true, false, false} {
		if set := circuit.GateSets()[0]; set.Native(c.Operations()[i]) != native {
			t.Errorf("%s native: want %v", c.Operations()[i].Name(), native)
		}
	}
}

// TestEntanglers: the gates of two qubits that are CX but for gates of one.
func TestEntanglers(t *testing.T) {
	for _, k := range circuit.Table() {
		if k.Qubits() != 2 {
			continue
		}
		_, err := circuit.NewGateSet("u", k.Name())
		bad := strings.Contains(" swap iswap iswapdg rbs givens ", " "+k.Name()+" ")
		if (err != nil) != bad {
			t.Errorf("u with %s: %v", k, err)
		}
	}
}

func TestGateSetErrors(t *testing.T) {
	for names, want := range map[string]string{
		"":            `gate set "": want`,
		"rz-sx":       `gate set "rz-sx": want rz-sx-cx, rz-rx-cz, u3-cx or ionq, or a list such as rz,sx,x,cx`,
		"rz,sxx,cx":   `no gate is called "sxx" (did you mean sx`,
		"rz,sx,cx,rz": "rz is given twice",
		"h,t,cx":      "cannot make any gate of one qubit: add rz or p with",
		"rz,cx":       "cannot make any gate of one qubit",
		"rz,sx":       "cannot make CX by one of its gates",
		"rz,sx,swap":  "cannot make CX",
		"x,swap": "cannot make any gate of one qubit: add rz or p with one of sx, rx, ry and h, or " +
			"rx and ry, or u, or gpi and gpi2; nor CX",
		"gpi,ms":        "cannot make any gate of one qubit",
		"rz,sx,ccx,cx3": "no gate is called",
	} {
		_, err := circuit.ParseGateSet(names)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", names, err, want)
		}
	}
	if (circuit.GateSet{}).Err() == nil {
		t.Error("the zero GateSet has no error")
	}
}

// TestIntoParts takes every gate apart to gates of at most two qubits, and on to CX, with its angles as
// symbols and under further controls.
func TestIntoParts(t *testing.T) {
	eachGate(t, func(t *testing.T, k circuit.Gate, a []float64) {
		if base, _ := k.Base(); k.Angles() == 1 && !k.Defined() && base.Angles() == 1 &&
			base.Generator() != nil && k.QASM(3) == "" && k.Qubits() > 2 {
			t.Skip("no definition")
		}
		for controls := range 3 {
			c := circuit.New(k.Qubits() + controls).Append(single(k).Controlled(controls))
			out, err := c.Decompose(circuit.IntoParts(func(g circuit.Operation) bool {
				return len(g.AllQubits()) == 1 || g.Name() == "cx"
			}))
			if err != nil {
				t.Fatal(err)
			}
			samePhase(t, "parts", matrix(t, out, a, nil), matrix(t, c, a, nil), 1e-11)
			if out.NumTheta() != k.Angles() {
				t.Errorf("%d angles of %d are left", out.NumTheta(), k.Angles())
			}
		}
	})
}
