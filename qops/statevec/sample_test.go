package statevec_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// program returns a dynamic circuit on registers q and c from parts: circuits, and single instructions.
func program(t *testing.T, qubits, bits int, parts ...any) *circuit.Dynamic {
	t.Helper()
	d := &circuit.Dynamic{QubitRegisters: []circuit.Register{{Name: "q", Size: qubits}}}
	if bits > 0 {
		d.BitRegisters = []circuit.Register{{Name: "c", Size: bits}}
	}
	for _, p := range parts {
		switch p := p.(type) {
		case *circuit.Circuit:
			d.Body = append(d.Body, ops(p)...)
		case circuit.Instruction:
			d.Body = append(d.Body, p)
		}
	}
	must(t, d.Err())
	return d
}

func ops(c *circuit.Circuit) []circuit.Instruction {
	var out []circuit.Instruction
	for _, g := range c.Operations() {
		out = append(out, circuit.Instruction{Operation: g})
	}
	return out
}

func on(k circuit.Kind, qubits []int, bits ...int) circuit.Instruction {
	return circuit.Instruction{Kind: k, Operation: circuit.Operation{Qubits: qubits}, Bits: bits}
}

func isOne(bit int) *circuit.Condition { return &circuit.Condition{Bits: []int{bit}, Value: 1} }

// TestSample compares the counts of many shots with the probabilities of the outcomes, to five standard
// errors.
func TestSample(t *testing.T) {
	c := circuit.Const
	third := 2 * math.Acos(math.Sqrt(2.0/3)) // RY by it: 1 with probability 1/3
	when := func(bit int, then, els []circuit.Instruction) circuit.Instruction {
		return circuit.Instruction{Kind: circuit.Branch, When: isOne(bit), Then: then, Else: els}
	}
	opposite := isOne(0).Negated()
	for name, tc := range map[string]struct {
		d    *circuit.Dynamic
		want map[string]float64
	}{
		"measurements at the end": {program(t, 2, 2, circuit.New(2).RY(0, c(third)).CX(0, 1),
			on(circuit.Measure, []int{1, 0}, 0, 1)),
			map[string]float64{"00": 2.0 / 3, "11": 1.0 / 3}},
		"of some qubits": {program(t, 3, 2, circuit.New(3).H(0).X(2), on(circuit.Measure, []int{2}, 1),
			on(circuit.Measure, []int{0})),
			map[string]float64{"01": 1}},
		"twice": {program(t, 1, 2, circuit.New(1).H(0), on(circuit.Measure, []int{0}, 0), on(circuit.Measure,
			[]int{0}, 1)),
			map[string]float64{"00": 0.5, "11": 0.5}},
		"in the middle": {program(t, 1, 2, circuit.New(1).RY(0, c(third)), on(circuit.Measure, []int{0}, 0),
			circuit.New(1).H(0), on(circuit.Measure, []int{0}, 1)),
			map[string]float64{"00": 1.0 / 3, "01": 1.0 / 3, "10": 1.0 / 6, "11": 1.0 / 6}},
		"reset": {program(t, 2, 2, circuit.New(2).RY(0, c(third)).CX(0, 1), on(circuit.Reset, []int{0}),
			on(circuit.Measure, []int{0, 1}, 0, 1)),
			map[string]float64{"00": 2.0 / 3, "01": 1.0 / 3}},
		"teleportation": {program(t, 3, 3, circuit.New(3).RY(0, c(third)).H(1).CX(1, 2).CX(0, 1).H(0),
			on(circuit.Measure, []int{0, 1}, 0, 1),
			when(1, ops(circuit.New(3).X(2)), nil), when(0, ops(circuit.New(3).Z(2)), nil),
			circuit.New(3).RY(2, c(-third)), on(circuit.Measure, []int{2}, 2)),
			map[string]float64{"000": 0.25, "010": 0.25, "100": 0.25, "110": 0.25}},
		"if and else": {program(t, 2, 2, circuit.New(2).RY(0, c(third)), on(circuit.Measure, []int{0}, 0),
			when(0, []circuit.Instruction{on(circuit.Reset, []int{0})}, ops(circuit.New(2).X(1))),
			on(circuit.Measure, []int{1}, 1)),
			map[string]float64{"01": 2.0 / 3, "10": 1.0 / 3}},
		"until it is 1": {program(t, 1, 2, circuit.Instruction{Kind: circuit.Repeat, When: opposite,
			Then: append(ops(circuit.New(1).RY(0, c(third))),
				on(circuit.Measure, []int{0}, 0))}), map[string]float64{"10": 1}},
		"an assignment": {program(t, 1, 2, circuit.New(1).H(0), on(circuit.Measure, []int{0}, 0),
			circuit.Instruction{Kind: circuit.Assign, Bits: []int{1}, When: opposite}), map[string]float64{
			"01": 0.5, "10": 0.5}},
		"no qubit is measured": {program(t, 1, 1, circuit.New(1).H(0)), map[string]float64{"0": 1}},
		"of twelve qubits": {program(t, 12, 1, circuit.New(12).H(11).CX(11, 0), on(circuit.Measure, []int{
			0}, 0), circuit.New(12).X(3)), map[string]float64{"0": 0.5, "1": 0.5}},
	} {
		const shots = 20000
		counts, err := statevec.Sample(context.Background(), tc.d, nil, nil, shots, 7)
		must(t, err)
		total := 0
		for outcome, n := range counts {
			total += n
			p := tc.want[outcome]
			if math.Abs(float64(n)-p*shots) > 5*math.Sqrt(p*(1-p)*shots) {
				t.Errorf("%s: %s came %d times of %d, want %g", name, outcome, n, shots, p*shots)
			}
		}
		if total != shots || len(counts) != len(tc.want) {
			t.Errorf("%s: %d shots in %v", name, total, counts)
		}
	}
}

// TestSampleRepeats: the same seed gives the same counts, and the first shots do not depend on how many
// follow.
func TestSampleRepeats(t *testing.T) {
	d := program(t, 2, 2, circuit.New(2).H(0).H(1), on(circuit.Measure, []int{0}, 0), circuit.New(2).CX(0, 1),
		on(circuit.Measure, []int{1}, 1))
	sample := func(shots int, seed uint64) map[string]int {
		counts, err := statevec.Sample(context.Background(), d, nil, nil, shots, seed)
		must(t, err)
		return counts
	}
	if a, b := fmt.Sprint(sample(500, 3)), fmt.Sprint(sample(500, 3)); a != b {
		t.Errorf("%s, then %s", a, b)
	}
	if a, b := fmt.Sprint(sample(500, 3)), fmt.Sprint(sample(500, 4)); a == b {
		t.Errorf("two seeds give %s", a)
	}
	first, all := sample(100, 3), sample(200, 3)
	for outcome, n := range first {
		if all[outcome] < n {
			t.Errorf("%s came %d times in 100 shots and %d times in 200", outcome, n, all[outcome])
		}
	}
}

// TestSampleAngles takes theta and data.
func TestSampleAngles(t *testing.T) {
	d := program(t, 1, 1, circuit.New(1).RX(0, circuit.Theta(1)).RX(0, circuit.Data(0)), on(circuit.Measure,
		[]int{0}, 0), circuit.New(1).RX(0, circuit.Theta(0)))
	counts, err := statevec.Sample(context.Background(), d, []float64{1, math.Pi / 2}, []float64{math.Pi / 2},
		50, 1)
	must(t, err)
	if counts["1"] != 50 {
		t.Errorf("got %v", counts)
	}
}

func TestSampleErrors(t *testing.T) {
	opaque, err := circuit.OpaqueGate("o", 1, 0)
	must(t, err)
	measure := on(circuit.Measure, []int{0}, 0)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for want, tc := range map[string]struct {
		ctx         context.Context
		d           *circuit.Dynamic
		shots       int
		theta, data []float64
	}{
		"want at least 1 shot, got 0": {context.Background(), program(t, 1, 1), 0, nil, nil},
		"the dynamic circuit is nil":  {context.Background(), nil, 1, nil, nil},
		"the context is nil":          {nil, program(t, 1, 1), 1, nil, nil},
		"want 1 to 30 qubits, got 31": {context.Background(), program(t, 31, 0), 1, nil, nil},
		"want 3 theta and 0 data, got 1 and 0": {context.Background(), program(t, 1, 1, circuit.New(1).RX(0,
			circuit.Theta(2))), 1, make([]float64, 1), nil},
		"line 0: o has no definition": {context.Background(), program(t, 1, 1, measure,
			circuit.Instruction{Kind: circuit.Opaque, Operation: circuit.Operation{Gate: opaque,
				Qubits: []int{0}}}), 1, nil, nil},
		"line 9: the loop has not ended after": {context.Background(), program(t, 1, 1, circuit.Instruction{
			Kind: circuit.Repeat, Line: 9, When: isOne(0).Negated()}), 1, nil, nil},
		"context canceled": {cancelled, program(t, 1, 1, measure, circuit.New(1).H(0),
			measure), 1, nil, nil},
	} {
		if _, err := statevec.Sample(tc.ctx, tc.d, tc.theta, tc.data, tc.shots, 1); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
