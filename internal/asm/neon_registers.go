package main

import (
	"fmt"
	"slices"
	"strings"
)

// register is an integer or a vector register before it has a number.
type register int

func (n *neon) newRegister(vector bool) register {
	n.vectors = append(n.vectors, vector)
	return register(len(n.vectors) - 1)
}

func (n *neon) vector() register  { return n.newRegister(true) }
func (n *neon) integer() register { return n.newRegister(false) }

// pinned returns vector registers of given numbers, one after the other: instructions on several want that.
func (n *neon) pinned(first, count int) []register {
	all := make([]register, count)
	for i := range all {
		all[i] = n.vector()
		n.fixed[all[i]] = first + i
	}
	return all
}

// line is an instruction, or a label. In the text, @ stands for the number of a register, one after the
// other; roles says of each whether it is written (d), read (u) or both (b), or is one that was named before
// (=).
type line struct {
	text      string
	roles     string
	registers []register
	word      func(numbers []int) string // writes the instruction instead of text
	label     string                     // a jump target
	jump      string                     // where it may jump
	ends      bool                       // the next instruction does not follow: a return or a plain jump
}

// op emits an instruction.
func (n *neon) op(text, roles string, registers ...register) {
	if len(roles) != len(registers) {
		panic("roles of " + text)
	}
	n.lines = append(n.lines, line{text: text, roles: roles, registers: registers})
}

func (n *neon) newLabel(what string) string {
	n.labels++
	return fmt.Sprintf("%s%d", what, n.labels)
}

func (n *neon) mark(label string) { n.lines = append(n.lines, line{label: label}) }
func (n *neon) jump(to string) {
	n.lines = append(n.lines, line{text: "JMP " + to, jump: to, ends: true})
}

// branch jumps on a condition, such as BEQ; or, with registers, on what they hold, such as "CBZ R@,".
func (n *neon) branch(how, to string, registers ...register) {
	n.lines = append(n.lines, line{text: how + " " + to, roles: strings.Repeat("u", len(registers)),
		registers: registers, jump: to})
}

func (n *neon) insert(at int, lines []line) {
	n.lines = slices.Insert(n.lines, at, lines...)
	if n.prologue >= at {
		n.prologue += len(lines)
	}
}

func (l *line) format(numbers []int) string {
	if l.label != "" {
		return l.label + ":\n"
	}
	if l.word != nil {
		var of []int
		for _, r := range l.registers {
			of = append(of, numbers[r])
		}
		return "\t" + l.word(of) + "\n"
	}
	text := l.text
	for _, r := range l.registers {
		text = strings.Replace(text, "@", fmt.Sprint(numbers[r]), 1)
	}
	return "\t" + text + "\n"
}

// integers are the numbers of integer registers that a kernel may use: Go's assembler, its runtime and the
// system have the others.
var integers = []int{
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22, 23, 24, 25,
}

// assign gives every register a number that no other has while it is alive, and false if there are not enough
// numbers.
func (n *neon) assign() (numbers []int, ok bool) {
	near := n.interference()
	numbers = make([]int, len(n.vectors))
	for r := range numbers {
		numbers[r] = -1
		if number, ok := n.fixed[register(r)]; ok {
			numbers[r] = number
		}
	}
	var order []register // as the code names them
	seen := make([]bool, len(n.vectors))
	for _, l := range n.lines {
		for _, r := range l.registers {
			if !seen[r] {
				seen[r] = true
				order = append(order, r)
			}
		}
	}
	for _, r := range order {
		if numbers[r] >= 0 {
			continue
		}
		var taken [32]bool
		for other := range near[r] {
			if k := numbers[other]; k >= 0 {
				taken[k] = true
			}
		}
		candidates := integers
		if n.vectors[r] {
			candidates = make([]int, 32)
			for i := range candidates {
				candidates[i] = i
			}
		}
		i := slices.IndexFunc(candidates, func(k int) bool { return !taken[k] })
		if i < 0 {
			return nil, false
		}
		numbers[r] = candidates[i]
	}
	return numbers, true
}

// interference returns, for each register, those of its sort that are alive where it is written.
func (n *neon) interference() []map[register]bool {
	targets := map[string]int{}
	for i, l := range n.lines {
		if l.label != "" {
			targets[l.label] = i
		}
	}
	words := (len(n.vectors) + 63) / 64
	before := make([][]uint64, len(n.lines)+1) // alive before a line
	for i := range before {
		before[i] = make([]uint64, words)
	}
	after := make([]uint64, words)
	alive := func(i int) { // sets after
		clear(after)
		l := &n.lines[i]
		if !l.ends {
			copy(after, before[i+1])
		}
		if l.jump != "" {
			for w, x := range before[targets[l.jump]] {
				after[w] |= x
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for i := len(n.lines) - 1; i >= 0; i-- {
			alive(i)
			l := &n.lines[i]
			for k, r := range l.registers {
				if l.roles[k] == 'd' {
					after[r/64] &^= 1 << (r % 64)
				}
			}
			for k, r := range l.registers {
				if l.roles[k] == 'u' || l.roles[k] == 'b' {
					after[r/64] |= 1 << (r % 64)
				}
			}
			if !slices.Equal(after, before[i]) {
				copy(before[i], after)
				changed = true
			}
		}
	}
	near := make([]map[register]bool, len(n.vectors))
	for r := range near {
		near[r] = map[register]bool{}
	}
	for i := range n.lines {
		alive(i)
		l := &n.lines[i]
		for k, r := range l.registers { // two results of one instruction are both alive after it
			if l.roles[k] == 'd' {
				after[r/64] |= 1 << (r % 64)
			}
		}
		for k, r := range l.registers {
			if l.roles[k] != 'd' && l.roles[k] != 'b' {
				continue
			}
			for other := range n.vectors {
				o := register(other)
				if o != r && after[o/64]>>(o%64)&1 == 1 && n.vectors[o] == n.vectors[r] {
					near[r][o], near[o][r] = true, true
				}
			}
		}
	}
	return near
}
