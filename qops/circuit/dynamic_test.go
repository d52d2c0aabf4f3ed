package circuit_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/circuittest"
	"github.com/hqvit/hqvit/qops/circuit"
)

// gates returns the instructions of a circuit.
func instructions(c *circuit.Circuit) []circuit.Instruction {
	var out []circuit.Instruction
	for i, g := range c.Operations() {
		out = append(out, circuit.Instruction{Line: i + 1, Operation: g})
	}
	return out
}

func does(k circuit.Kind, line int, qubits, bits []int) circuit.Instruction {
	return circuit.Instruction{Kind: k, Line: line, Operation: circuit.Operation{Qubits: qubits}, Bits: bits}
}

// teleport sends a state from q[0] to r, and has every kind of instruction.
func teleport(t *testing.T) *circuit.Dynamic {
	t.Helper()
	o, err := circuit.OpaqueGate("tune", 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	on := func(b int) *circuit.Condition { return &circuit.Condition{Bits: []int{b}, Value: 1} }
	d := &circuit.Dynamic{
		QubitRegisters: []circuit.Register{{Name: "q", Size: 2}, {Name: "r", Size: 1, Single: true}},
		BitRegisters:   []circuit.Register{{Name: "c", Size: 2}, {Name: "done", Size: 1, Single: true}},
	}
	d.Body = append(d.Body, does(circuit.Reset, 1, []int{0, 1, 2}, nil))
	d.Body = append(d.Body, instructions(circuit.New(3).RX(0, circuit.Theta(1)).H(1).CX(1, 2).CX(0,
		1).H(0))...)
	d.Body = append(d.Body, does(circuit.Barrier, 2, []int{0, 1}, nil), does(circuit.Measure, 3, []int{0, 1},
		[]int{0, 1}),
		circuit.Instruction{Kind: circuit.Branch, Line: 4, When: on(1),
			Then: instructions(circuit.New(3).X(2))},
		circuit.Instruction{Kind: circuit.Branch, Line: 5, When: on(0),
			Then: instructions(circuit.New(3).Z(2).I(1)),
			Else: []circuit.Instruction{does(circuit.Reset, 5, []int{0}, nil)}},
		circuit.Instruction{Kind: circuit.Opaque, Line: 6, Operation: circuit.Operation{Gate: o,
			Qubits: []int{2},
			Angles: []circuit.Angle{circuit.Data(0)}}},
		circuit.Instruction{Kind: circuit.Assign, Line: 7, Bits: []int{2}, When: &circuit.Condition{
			Relation: circuit.Xor, Of: []*circuit.Condition{on(0), on(1).Negated()}}},
		circuit.Instruction{Kind: circuit.Repeat, Line: 8, When: &circuit.Condition{Relation: circuit.Less,
			Bits:  []int{0, 1},
			Value: 2}, Then: []circuit.Instruction{does(circuit.Measure, 8, []int{0}, []int{0}),
			does(circuit.Measure, 9, []int{2}, nil)}})
	if err := d.Err(); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDynamicDrawing(t *testing.T) {
	d := teleport(t)
	golden(t, "testdata/dynamic.txt", d.Draw(circuit.DrawOptions{Width: 110}))
	golden(t, "testdata/dynamic-ascii.txt", d.Draw(circuit.DrawOptions{Width: 110, ASCII: true}))
	var svg bytes.Buffer
	if err := d.WriteSVG(&svg, circuit.DrawOptions{Width: 1000}); err != nil ||
		xml.Unmarshal(svg.Bytes(), new(struct{})) != nil {
		t.Fatalf("no XML (%v)", err)
	}
	golden(t, "testdata/dynamic.svg", svg.String())
	if got := (&circuit.Dynamic{}).Draw(circuit.DrawOptions{}); strings.TrimSpace(got) != "" {
		t.Errorf("the empty circuit is drawn as %q", got)
	}
}

func TestDynamicResources(t *testing.T) {
	want := "3 qubits, 9 gates (cx 2, h 2, id 1, rx 1, tune 1, x 1, z 1), 2 on two qubits, depth 9, 2 " +
		"trainable angles, 1 input, 3 bits, 4 measurements, 4 resets, 3 conditions"
	if got := teleport(t).Resources().String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	c := mixed()
	d, err := circuit.NewDynamic(c)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Resources().String(); got != c.Resources().String() {
		t.Errorf("of gates alone: got %s, want %s", got, c.Resources())
	}
}

// TestUnitary takes circuits out of dynamic ones, and refuses what is none, with the line.
func TestUnitary(t *testing.T) {
	q := []circuit.Register{{Name: "q", Size: 3}}
	bell := instructions(circuit.New(3).H(0).CX(0, 1))
	of := func(in ...circuit.Instruction) *circuit.Dynamic {
		return &circuit.Dynamic{QubitRegisters: q, BitRegisters: q, Body: in}
	}
	d := of(does(circuit.Reset, 1, []int{0, 2}, nil), bell[0], bell[1], does(circuit.Measure, 3, []int{0},
		[]int{2}),
		does(circuit.Barrier, 4, []int{0, 1}, nil), does(circuit.Measure, 5, []int{1, 0}, nil),
		circuit.Instruction{Line: 6, Operation: circuit.New(3).X(2).Operations()[0]})
	c, readout, err := d.Unitary()
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(readout); got != "[{0 2} {1 -1} {0 -1}]" {
		t.Errorf("the readout is %s", got)
	}
	same(t, "bell", matrix(t, c, nil, nil), matrix(t, circuit.New(3).H(0).CX(0, 1).X(2), nil, nil), 0)
	on := &circuit.Condition{Bits: []int{0}, Value: 1}
	opaque, _ := circuit.OpaqueGate("o", 1, 0)
	for want, d := range map[string]*circuit.Dynamic{
		"line 2: cx comes after line 7: measure of q[0]": of(does(circuit.Measure, 7, []int{0}, nil),
			bell[1]),
		"line 7: reset comes after a gate on q[1]": of(bell[1], does(circuit.Reset, 7, []int{2, 1},
			nil)),
		"line 8: reset comes after line 7: measure": of(does(circuit.Measure, 7, []int{0}, nil),
			does(circuit.Reset, 8, []int{0}, nil)),
		"line 9: if depends on classical bits": of(circuit.Instruction{Kind: circuit.Branch,
			Line: 9, When: on}),
		"line 9: while depends on classical bits": of(circuit.Instruction{Kind: circuit.Repeat,
			Line: 9, When: on}),
		"line 9: o has no definition": of(circuit.Instruction{Kind: circuit.Opaque, Line: 9,
			Operation: circuit.Operation{Gate: opaque, Qubits: []int{0}}}),
		"want 1 to 30 qubits, got 400":         {QubitRegisters: []circuit.Register{{Name: "q", Size: 400}}},
		"no qubits are declared: want 1 to 30": {},
		"the dynamic circuit is nil":           nil,
	} {
		if _, _, err := d.Unitary(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestDynamicErrors(t *testing.T) {
	q := []circuit.Register{{Name: "q", Size: 20}}
	x := circuit.New(1).X(0).Operations()[0]
	opaque, _ := circuit.OpaqueGate("o", 1, 0)
	for want, in := range map[string]circuit.Instruction{
		"line 3: measure: qubit 20 out of range [0,20)": does(circuit.Measure, 3, []int{20}, nil),
		"reset: qubit 1 given twice":                    does(circuit.Reset, 0, []int{1, 1}, nil),
		"a qubit is given twice": does(circuit.Barrier, 0, append(make([]int, 20), 1),
			nil),
		"want as many bits as qubits, got 1 and 2": does(circuit.Measure, 0, []int{0, 1}, []int{0}),
		"bit -1 out of range":                      does(circuit.Measure, 0, []int{0}, []int{-1}),
		"want one bit and a value":                 does(circuit.Assign, 0, nil, []int{0}),
		"if: want a condition":                     {Kind: circuit.Branch},
		"there is no such instruction":             {Kind: 99},
		"x: want 1 qubits, got 0":                  {Operation: circuit.Operation{Gate: x.Gate}},
		"want a gate with a definition in Apply": {Operation: circuit.Operation{Gate: opaque,
			Qubits: []int{0}}},
		"and an opaque one in Opaque": {Kind: circuit.Opaque, Operation: x},
		"a circuit holds no global phase": {Operation: circuit.Operation{
			Gate: circuit.GlobalPhase(), Angles: make([]circuit.Angle, 1)}},
		"rx: angle NaN is not finite": {Operation: circuit.Operation{Gate: mustGate("rx"),
			Qubits: []int{0}, Angles: []circuit.Angle{circuit.Const(math.NaN())}}},
		"bit 7 of the condition out of range [0,2)": {Kind: circuit.Branch, When: &circuit.Condition{
			Bits: []int{7}}},
		"want bits to compare, or conditions to join": {Kind: circuit.Branch, When: &circuit.Condition{
			Relation: circuit.Not}},
		"relation 9 is none of": {Kind: circuit.Branch, When: &circuit.Condition{
			Relation: 9}},
		"a condition is nil": {Kind: circuit.Branch, When: &circuit.Condition{
			Relation: circuit.And, Of: []*circuit.Condition{nil}}},
	} {
		d := &circuit.Dynamic{QubitRegisters: q, BitRegisters: []circuit.Register{{Name: "c", Size: 2}},
			Body: []circuit.Instruction{in}}
		if err := d.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := circuit.New(1).Add(opaque, nil, 0).Err(); err == nil || !strings.Contains(err.Error(),
		"opaque") {
		t.Errorf("a circuit took an opaque gate: %v", err)
	}
}

// TestConditions compares the number that a condition reads with arithmetic, over all bits, values and
// widths.
func TestConditions(t *testing.T) {
	for n := 1; n <= 4; n++ {
		for _, signed := range []bool{false, true} {
			for value := int64(-10); value <= 17; value++ {
				for pattern := range 1 << n {
					bits := make([]bool, n)
					order, number := make([]int, n), int64(pattern)
					for i := range n {
						order[i] = n - 1 - i
						bits[n-1-i] = pattern>>i&1 == 1
					}
					if signed && pattern>>(n-1) == 1 {
						number -= 1 << n
					}
					for relation, want := range map[circuit.Relation]bool{circuit.Equal: number == value,
						circuit.Less: number < value} {
						c := &circuit.Condition{Relation: relation, Bits: order, Signed: signed, Value: value}
						if c.Holds(bits) != want || c.Negated().Holds(bits) == want ||
							c.Negated().Negated().Holds(bits) != want {
							t.Fatalf("%+v of %v: want %v", c, bits, want)
						}
					}
				}
			}
		}
	}
	long := make([]int, 100)
	for i := range long {
		long[i] = i
	}
	bits := make([]bool, 100)
	bits[99] = true
	if c := (&circuit.Condition{Bits: long}); c.Holds(bits) || !c.Holds(nil) {
		t.Error("a bit beyond 63 is not seen")
	}
}

// TestPower checks on every gate, alone and under a control, that the k-th power of its 1/k-th power is the
// gate, and that whole powers are repetitions.
func TestPower(t *testing.T) {
	circuittest.EachGate(t, func(t *testing.T, k circuit.Gate, angles []float64) {
		if k.Qubits() > 4 {
			return
		}
		for controls := range 2 {
			c := single(k).Bind(angles, nil)
			if controls > 0 {
				c = c.Controlled(1)
			}
			n, ops := c.Qubits(), c.Operations()
			want := matrix(t, c, nil, nil)
			power := func(ops []circuit.Operation, exponent float64) []circuit.Operation {
				out, err := circuit.Power(ops, n, exponent, 1000)
				if err != nil {
					t.Fatal(err)
				}
				return out
			}
			same(t, "the cube of the cube root", circuitOf(t, power(power(ops, 1.0/3), 3), n), want, 1e-10)
			same(t, "the square", circuitOf(t, power(ops, 2), n), want.Mul(want), 1e-10)
			same(t, "the inverse", circuitOf(t, power(ops, -1), n).Mul(want), circuit.Identity(n), 1e-10)
			same(t, "the power 0", circuitOf(t, power(ops, 0), n), circuit.Identity(n), 1e-10)
			m := circuit.Identity(n)
			for range 101 {
				m = m.Mul(want)
			}
			same(t, "the power 101", circuitOf(t, power(ops, 101), n), m, 1e-9)
		}
	})
	for want, err := range map[string]error{
		"want a finite power": second(circuit.Power(mixed().Operations(), 5,
			math.NaN(), 9)),
		"want numbers for its angles, or a whole power": second(circuit.Power(mixed().Operations(), 5, 0.5,
			9)),
		"or at most 6 qubits":       second(circuit.Power(circuit.New(7).X(6).H(6).Operations(), 7, 0.5, 9)),
		"want at most 9 operations": second(circuit.Power(circuit.New(7).X(6).H(6).Operations(), 7, 100, 9)),
		"want a square matrix":      second(circuit.Matrix{1, 2}.Power(2)),
		"matrix is not unitary":     second(circuit.Matrix{1, 1, 0, 1}.Power(2)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// circuitOf returns the unitary of operations, of which global phases are some.
func circuitOf(t *testing.T, ops []circuit.Operation, n int) circuit.Matrix {
	t.Helper()
	c, phase := circuit.New(n), 0.0
	for _, g := range ops {
		if g.Gate == circuit.GlobalPhase() {
			phase += g.Angles[0].Shift
			continue
		}
		c.Control(g.Controls, g.Gate, g.Angles, g.Qubits...)
	}
	sin, cos := math.Sincos(phase)
	return matrix(t, c, nil, nil).Scaled(complex(cos, sin))
}
