package qasm

import (
	"slices"
	"strings"

	"github.com/hqvit/hqvit/qops/circuit"
)

// builtin tells whether a name means something without a library.
func (w *writer) builtin(name string) bool {
	_, constant := constants[w.version][name]
	_, function := functions[w.version][name]
	_, gate := builtin(w.version)[name]
	return constant || function || gate
}

// rename gives registers names that the version allows.
func (w *writer) rename(d *circuit.Dynamic) {
	copied := *d
	w.d = &copied
	name := func(registers []circuit.Register) []circuit.Register {
		out := slices.Clone(registers)
		for i, r := range out {
			if number, physical := strings.CutPrefix(r.Name, "$"); !physical {
				out[i].Name = w.registerName(r.Name)
			} else if w.version == 2 {
				out[i].Name = w.registerName("q" + number)
			}
			if w.version == 2 {
				out[i].Single = false
			}
		}
		return out
	}
	w.d.QubitRegisters, w.d.BitRegisters = name(d.QubitRegisters), name(d.BitRegisters)
	if w.version == 2 {
		d.Each(func(in *circuit.Instruction) {
			if in.Kind == circuit.Measure && len(in.Bits) == 0 && w.dropped == "" {
				w.dropped = w.registerName("dropped")
			}
		})
	}
}

// registerName returns a name for a register, as near to the given one as the version allows.
func (w *writer) registerName(name string) string {
	ok := name != ""
	for i, r := range name {
		ok = ok && isWordLetter(r) && (i > 0 || !isDigit(r)) && (w.version == 3 || r < 0x80) &&
			(w.version == 3 || i > 0 || r >= 'a' && r <= 'z')
	}
	if !ok || w.taken[name] || keywords[w.version][name] || w.builtin(name) {
		return w.unusedName(name)
	}
	w.taken[name] = true
	return name
}

// runs returns the names of qubits or bits, a whole register in its order by its name alone.
func (w *writer) runs(all []int, registers []circuit.Register) []string {
	var out []string
	first := map[int]circuit.Register{}
	at := 0
	for _, r := range registers {
		first[at] = r
		at += r.Size
	}
	part := circuit.Dynamic{QubitRegisters: registers}
	for i := 0; i < len(all); {
		r, ok := first[all[i]]
		whole := ok && i+r.Size <= len(all)
		for j := 1; whole && j < r.Size; j++ {
			whole = all[i+j] == all[i]+j
		}
		if whole && r.Size > 1 {
			out = append(out, r.Name)
			i += r.Size
			continue
		}
		out = append(out, part.QubitName(all[i]))
		i++
	}
	return out
}
