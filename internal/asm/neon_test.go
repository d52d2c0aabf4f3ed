package main

import (
	"fmt"
	"strings"
	"testing"
)

// The words of LLVM's assembler for the text beside them: llvm-mc -triple=aarch64 -show-encoding, version 14.
var encodings = []struct {
	name string
	size int
	text string
	word uint32
}{
	{"FADD", 4, "fadd v7.4s, v19.4s, v30.4s", 0x4e3ed667},
	{"FADD", 8, "fadd v7.2d, v19.2d, v30.2d", 0x4e7ed667},
	{"FSUB", 4, "fsub v7.4s, v19.4s, v30.4s", 0x4ebed667},
	{"FSUB", 8, "fsub v7.2d, v19.2d, v30.2d", 0x4efed667},
	{"FMUL", 4, "fmul v7.4s, v19.4s, v30.4s", 0x6e3ede67},
	{"FMUL", 8, "fmul v7.2d, v19.2d, v30.2d", 0x6e7ede67},
	{"FDIV", 4, "fdiv v7.4s, v19.4s, v30.4s", 0x6e3efe67},
	{"FDIV", 8, "fdiv v7.2d, v19.2d, v30.2d", 0x6e7efe67},
	{"FMAX", 4, "fmax v7.4s, v19.4s, v30.4s", 0x4e3ef667},
	{"FMAX", 8, "fmax v7.2d, v19.2d, v30.2d", 0x4e7ef667},
	{"FMIN", 4, "fmin v7.4s, v19.4s, v30.4s", 0x4ebef667},
	{"FMIN", 8, "fmin v7.2d, v19.2d, v30.2d", 0x4efef667},
	{"FMLA", 4, "fmla v7.4s, v19.4s, v30.4s", 0x4e3ece67},
	{"FMLA", 8, "fmla v7.2d, v19.2d, v30.2d", 0x4e7ece67},
	{"FMLS", 4, "fmls v7.4s, v19.4s, v30.4s", 0x4ebece67},
	{"FMLS", 8, "fmls v7.2d, v19.2d, v30.2d", 0x4efece67},
	{"FADDP", 4, "faddp v7.4s, v19.4s, v30.4s", 0x6e3ed667},
	{"FADDP", 8, "faddp v7.2d, v19.2d, v30.2d", 0x6e7ed667},
	{"FMAXP", 4, "fmaxp v7.4s, v19.4s, v30.4s", 0x6e3ef667},
	{"FMAXP", 8, "fmaxp v7.2d, v19.2d, v30.2d", 0x6e7ef667},
	{"FCMGT", 4, "fcmgt v7.4s, v19.4s, v30.4s", 0x6ebee667},
	{"FCMGT", 8, "fcmgt v7.2d, v19.2d, v30.2d", 0x6efee667},
	{"ZIP1", 4, "zip1 v7.4s, v19.4s, v30.4s", 0x4e9e3a67},
	{"ZIP1", 8, "zip1 v7.2d, v19.2d, v30.2d", 0x4ede3a67},
	{"ZIP2", 4, "zip2 v7.4s, v19.4s, v30.4s", 0x4e9e7a67},
	{"ZIP2", 8, "zip2 v7.2d, v19.2d, v30.2d", 0x4ede7a67},
	{"TRN1", 4, "trn1 v7.4s, v19.4s, v30.4s", 0x4e9e2a67},
	{"TRN1", 8, "trn1 v7.2d, v19.2d, v30.2d", 0x4ede2a67},
	{"TRN2", 4, "trn2 v7.4s, v19.4s, v30.4s", 0x4e9e6a67},
	{"TRN2", 8, "trn2 v7.2d, v19.2d, v30.2d", 0x4ede6a67},
	{"UZP1", 4, "uzp1 v7.4s, v19.4s, v30.4s", 0x4e9e1a67},
	{"UZP1", 8, "uzp1 v7.2d, v19.2d, v30.2d", 0x4ede1a67},
	{"UZP2", 4, "uzp2 v7.4s, v19.4s, v30.4s", 0x4e9e5a67},
	{"UZP2", 8, "uzp2 v7.2d, v19.2d, v30.2d", 0x4ede5a67},
	{"ADD", 4, "add v7.4s, v19.4s, v30.4s", 0x4ebe8667},
	{"ADD", 8, "add v7.2d, v19.2d, v30.2d", 0x4efe8667},
	{"SUB", 4, "sub v7.4s, v19.4s, v30.4s", 0x6ebe8667},
	{"SUB", 8, "sub v7.2d, v19.2d, v30.2d", 0x6efe8667},
	{"CMTST", 4, "cmtst v7.4s, v19.4s, v30.4s", 0x4ebe8e67},
	{"CMTST", 8, "cmtst v7.2d, v19.2d, v30.2d", 0x4efe8e67},
	{"FSQRT", 4, "fsqrt v7.4s, v19.4s", 0x6ea1fa67},
	{"FSQRT", 8, "fsqrt v7.2d, v19.2d", 0x6ee1fa67},
	{"FABS", 4, "fabs v7.4s, v19.4s", 0x4ea0fa67},
	{"FABS", 8, "fabs v7.2d, v19.2d", 0x4ee0fa67},
	{"FNEG", 4, "fneg v7.4s, v19.4s", 0x6ea0fa67},
	{"FNEG", 8, "fneg v7.2d, v19.2d", 0x6ee0fa67},
	{"SCVTF", 4, "scvtf v7.4s, v19.4s", 0x4e21da67},
	{"SCVTF", 8, "scvtf v7.2d, v19.2d", 0x4e61da67},
	{"DUP", 4, "dup v7.4s, v19.s[0]", 0x4e040667},
	{"DUP", 8, "dup v7.2d, v19.d[0]", 0x4e080667},
	{"MUL", 4, "mul v7.4s, v19.4s, v30.4s", 0x4ebe9e67},
	{"REV64", 4, "rev64 v7.4s, v19.4s", 0x4ea00a67},
	{"FCVTL", 4, "fcvtl v7.2d, v19.2s", 0x0e617a67},
	{"FCVTL2", 4, "fcvtl2 v7.2d, v19.4s", 0x4e617a67},
	{"AND", 4, "and v7.16b, v19.16b, v30.16b", 0x4e3e1e67},
	{"ORR", 4, "orr v7.16b, v19.16b, v30.16b", 0x4ebe1e67},
	{"EOR", 4, "eor v7.16b, v19.16b, v30.16b", 0x6e3e1e67},
	{"BSL", 4, "bsl v7.16b, v19.16b, v30.16b", 0x6e7e1e67},
	{"BIT", 4, "bit v7.16b, v19.16b, v30.16b", 0x6ebe1e67},
}

// Every instruction with registers 7, 19 and 30.
func TestEncodingsAreThoseOfLLVM(t *testing.T) {
	tested := map[string]bool{}
	for _, c := range encodings {
		for _, i := range allInstructions {
			if i.name != c.name {
				continue
			}
			tested[c.name] = true
			got := i.encode(c.size, []int{7, 19, 30}[:len(i.roles)])
			if want := fmt.Sprintf("WORD $0x%08x ", c.word); !strings.HasPrefix(got, want) {
				t.Errorf("%s: got %s, want %s", c.text, got, want)
			}
		}
	}
	for _, i := range allInstructions {
		if !tested[i.name] {
			t.Errorf("%s is not in the table", i.name)
		}
	}
}

// The instructions that have more in them than registers.
func TestEncodingsWithNumbers(t *testing.T) {
	lane := func(i instruction, lane int) func(n *neon, d, x, y register) {
		return func(n *neon, d, x, y register) { n.multiplyLane(i, d, x, y, lane) }
	}
	left := func(by int) func(n *neon, d, x, y register) {
		return func(n *neon, d, x, _ register) { n.fixed[n.shiftLeft(x, by)] = 7 }
	}
	right := func(by int) func(n *neon, d, x, y register) {
		return func(n *neon, d, x, _ register) { n.fixed[n.shiftRight(x, by)] = 7 }
	}
	load := func(n *neon, _, x, y register) { n.fixed[n.loadIndexed(x, y)] = 7 }
	store := func(n *neon, d, x, y register) { n.storeIndexed(d, x, y) }
	for _, c := range []struct {
		emit func(n *neon, d, x, y register)
		size int
		text string
		word uint32
	}{
		{lane(byLaneAdd, 0), 4, "fmla v7.4s, v19.4s, v30.s[0]", 0x4f9e1267},
		{lane(byLaneAdd, 1), 4, "fmla v7.4s, v19.4s, v30.s[1]", 0x4fbe1267},
		{lane(byLaneAdd, 2), 4, "fmla v7.4s, v19.4s, v30.s[2]", 0x4f9e1a67},
		{lane(byLaneAdd, 3), 4, "fmla v7.4s, v19.4s, v30.s[3]", 0x4fbe1a67},
		{lane(byLaneAdd, 0), 8, "fmla v7.2d, v19.2d, v30.d[0]", 0x4fde1267},
		{lane(byLaneAdd, 1), 8, "fmla v7.2d, v19.2d, v30.d[1]", 0x4fde1a67},
		{lane(byLane, 3), 4, "fmul v7.4s, v19.4s, v30.s[3]", 0x4fbe9a67},
		{lane(byLane, 1), 8, "fmul v7.2d, v19.2d, v30.d[1]", 0x4fde9a67},
		{lane(byLaneSubtract, 1), 4, "fmls v7.4s, v19.4s, v30.s[1]", 0x4fbe5267},
		{lane(byLaneSubtract, 1), 8, "fmls v7.2d, v19.2d, v30.d[1]", 0x4fde5a67},
		{left(23), 4, "shl v7.4s, v19.4s, #23", 0x4f375667},
		{left(52), 8, "shl v7.2d, v19.2d, #52", 0x4f745667},
		{right(1), 4, "ushr v7.4s, v19.4s, #1", 0x6f3f0667},
		{right(63), 8, "ushr v7.2d, v19.2d, #63", 0x6f410667},
		{load, 4, "ldr q7, [x19, x25]", 0x3cf96a67},
		{store, 4, "str q7, [x19, x25]", 0x3cb96a67},
	} {
		n := &neon{size: c.size, kernel: kernel{fixed: map[register]int{}}}
		registers := []register{n.vector(), n.vector(), n.vector()}
		for i, number := range []int{7, 19, 30} {
			if n.fixed[registers[i]] = number; strings.HasPrefix(c.text, "ldr") ||
				strings.HasPrefix(c.text, "str") {
				n.fixed[registers[i]] = []int{7, 19, 25}[i]
			}
		}
		c.emit(n, registers[0], registers[1], registers[2])
		numbers, ok := n.assign()
		got := n.lines[0].format(numbers)
		if want := fmt.Sprintf("\tWORD $0x%08x ", c.word); !ok || !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, want %s", c.text, got, want)
		}
	}
}

// Registers that are alive at once, by way of a loop too, get numbers of their own.
func TestRegistersThatLiveTogether(t *testing.T) {
	n := &neon{size: 4, kernel: kernel{fixed: map[register]int{}}}
	count, a, b, late := n.integer(), n.vector(), n.vector(), n.vector()
	n.op("MOVD $3, R@", "d", count)
	n.op("A F@", "d", a)
	n.repeat(count, func() {
		n.op("B F@", "d", b)
		n.op("USE F@", "u", b)
		n.op("LATE F@", "d", late) // b is dead here, but a is read again in the next round
		n.op("USE F@, F@", "uu", a, late)
	})
	numbers, ok := n.assign()
	if !ok || numbers[a] == numbers[b] || numbers[a] == numbers[late] || numbers[b] != numbers[late] {
		t.Errorf("a, b and late are in %v", numbers[a:])
	}
	for range 31 { // with a, 32 that are alive at once
		v := n.vector()
		n.insert(0, []line{{text: "D F@", roles: "d", registers: []register{v}}})
		n.op("USE F@", "u", v)
	}
	if _, ok := n.assign(); ok {
		t.Error("33 vectors found room in 32 registers")
	}
}
