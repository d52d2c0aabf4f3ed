package qasm_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/hqvit/hqvit/internal/circuittest"
	"github.com/hqvit/hqvit/qops/circuit"
)

// TestDynamicGoesRound reads back random circuits with every kind of instruction as the same instructions.
func TestDynamicGoesRound(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(9, seed))
		d := &circuit.Dynamic{
			QubitRegisters: []circuit.Register{{Name: "a", Size: 2}, {Name: "b", Size: 1, Single: true}, {
				Name: "gate", Size: 3}},
			BitRegisters: []circuit.Register{{Name: "c", Size: 3}, {Name: "d", Size: 1, Single: true}, {
				Name: "e", Size: 70}},
		}
		d.Body = randomBody(rng, 8, 0)
		if err := d.Err(); err != nil {
			t.Fatal(err)
		}
		text := writtenDynamic(t, d, 3)
		got := dynamic(t, text)
		again := writtenDynamic(t, got, 3)
		if more := writtenDynamic(t, dynamic(t, again), 3); more != again {
			t.Fatalf("seed %d: read as\n%s\nin place of\n%s", seed, more, again)
		}
		if !alike(d.Body, got.Body) {
			t.Fatalf("seed %d: other instructions after reading\n%s", seed, text)
		}
	}
}

// alike tells whether instructions are the same, each measurement and reset taken qubit by qubit.
func alike(a, b []circuit.Instruction) bool {
	return reflect.DeepEqual(flat(a), flat(b))
}

func flat(body []circuit.Instruction) []string {
	var out []string
	for _, in := range body {
		switch in.Kind {
		case circuit.Measure, circuit.Reset:
			for i, q := range in.Qubits {
				text := fmt.Sprint(in.Kind, q)
				if len(in.Bits) > 0 {
					text += fmt.Sprint(" ", in.Bits[i])
				}
				out = append(out, text)
			}
		case circuit.Branch, circuit.Repeat:
			if len(in.Then)+len(in.Else) > 0 || in.Kind == circuit.Repeat {
				out = append(out, in.Kind.String()+"{")
				out = append(append(append(out, flat(in.Then)...), "}{"), flat(in.Else)...)
				out = append(out, "}")
			}
		default:
			out = append(out, fmt.Sprint(in.Kind, in.Gate, in.Controls, in.Qubits, in.Bits))
		}
	}
	return out
}

func randomBody(rng *rand.Rand, n, depth int) []circuit.Instruction {
	plain := []string{"x", "h", "rx", "cx", "crz", "ccx", "swap", "p"}
	var out []circuit.Instruction
	for range 1 + rng.IntN(n) {
		in := circuit.Instruction{Kind: circuit.Kind(rng.IntN(8))}
		qubits, bits := rng.Perm(6), rng.Perm(4)
		switch in.Kind {
		case circuit.Apply, circuit.Opaque:
			in.Kind = circuit.Apply
			k, _ := circuit.Named(plain[rng.IntN(len(plain))])
			c := circuit.New(6)
			circuittest.AddRandom(rng, c, k, rng.IntN(3))
			in.Operation = c.Bind([]float64{1, 2, 3}, []float64{1, 2, 3}).Operations()[0]
		case circuit.Measure:
			in.Qubits = qubits[:1+rng.IntN(4)]
			if rng.IntN(4) > 0 {
				in.Bits = bits[:len(in.Qubits)]
			}
		case circuit.Reset, circuit.Barrier:
			in.Qubits = qubits[:1+rng.IntN(6)]
		case circuit.Assign:
			in.Bits, in.When = bits[:1], &circuit.Condition{Bits: []int{4 + rng.IntN(70)}, Value: 1}
		case circuit.Branch, circuit.Repeat:
			in.When = &circuit.Condition{Relation: circuit.Equal, Bits: []int{rng.IntN(74)}, Value: 1}
			if depth < 3 {
				in.Then = randomBody(rng, 3, depth+1)
				if in.Kind == circuit.Branch && rng.IntN(2) > 0 {
					in.Else = randomBody(rng, 3, depth+1)
				}
			}
		}
		out = append(out, in)
	}
	return out
}

func randomCondition(rng *rand.Rand, depth int) *circuit.Condition {
	c := &circuit.Condition{Relation: circuit.Relation(rng.IntN(6))}
	if depth == 0 || c.Relation < circuit.Not {
		c.Relation = min(c.Relation, circuit.Less)
		c.Bits, c.Value = rng.Perm(74)[:1+rng.IntN(4)], int64(rng.IntN(20)-4)
		c.Signed = rng.IntN(2) > 0
		return c
	}
	n := 1
	if c.Relation != circuit.Not {
		n = 2 + rng.IntN(2)
	}
	for range n {
		c.Of = append(c.Of, randomCondition(rng, depth-1))
	}
	return c
}

// TestConditionsGoRound writes random conditions and reads them as conditions that hold for the same bits.
func TestConditionsGoRound(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	for range 300 {
		d := &circuit.Dynamic{QubitRegisters: []circuit.Register{{Name: "q", Size: 1, Single: true}},
			BitRegisters: []circuit.Register{{Name: "c", Size: 3}, {Name: "d", Size: 1, Single: true}, {
				Name: "e", Size: 70}}}
		x, _ := circuit.Named("x")
		in := circuit.Instruction{Kind: circuit.Branch, When: randomCondition(rng, 3),
			Then: []circuit.Instruction{{Operation: circuit.Operation{Gate: x, Qubits: []int{0}}}}}
		d.Body = []circuit.Instruction{in}
		text := writtenDynamic(t, d, 3)
		got := dynamic(t, text)
		bits := make([]bool, 74)
		for range 64 {
			for i := range bits {
				bits[i] = rng.IntN(2) > 0
			}
			holds := len(got.Body) > 0 && (got.Body[0].Kind == circuit.Apply || got.Body[0].When.Holds(bits))
			if holds != in.When.Holds(bits) {
				t.Fatalf("read as another condition:\n%s", text)
			}
		}
	}
}
