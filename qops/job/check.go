package job

import (
	"math"
	"regexp"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// aName is what a program can be called: a name that is a file in the directory on every system.
var aName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,99}$`)

// check returns what does not go together in a manifest.
func (j *Job) check() error {
	switch {
	case j.Kind != WholeImage && j.Kind != PatchPairs && j.Kind != Observables:
		return errors.Errorf("kind is %q, want %s, %s or %s", j.Kind, WholeImage, PatchPairs, Observables)
	case j.QASM != 2 && j.QASM != 3:
		return errors.Errorf("qasm is %d, want 2 or 3", j.QASM)
	case len(j.Programs) > MaxPrograms || len(j.Programs) == 0 && j.Kind != Observables:
		return errors.Errorf("there are %d programs, want 1 to %d", len(j.Programs), MaxPrograms)
	case j.Shots < 1 || j.Shots > statevec.MaxShots:
		return errors.Errorf("shots is %d, want 1 to 2^50", j.Shots)
	case j.Source != nil && Digest(j.Source.Pixels) != j.Source.Digest:
		return errors.New("image_sha256 is not that of the pixels")
	}
	if j.Kind == Observables {
		if j.Observables < 1 || len(j.Constants) != j.Observables || j.Tokens+j.Angles+len(j.Shares) > 0 {
			return errors.Errorf("%d observables and %d constants, want as many, and no head", j.Observables,
				len(j.Constants))
		}
	} else if j.Tokens < 1 || j.Tokens > maxTokens || j.Width < 1 || j.Angles < 0 ||
		j.Angles > circuit.MaxOperations ||
		len(j.Shares) != j.Tokens || j.Observables+len(j.Constants) > 0 {
		return errors.Errorf("tokens %d, width %d, angles %d and %d shares do not go together", j.Tokens,
			j.Width,
			j.Angles, len(j.Shares))
	}
	names := map[string]bool{}
	for _, p := range j.Programs {
		if names[p.Name] || !aName.MatchString(p.Name) {
			return errors.Errorf("program %q: want a name of its own, of small letters, digits and -", p.Name)
		}
		names[p.Name] = true
		if err := j.checkProgram(p); err != nil {
			return errors.WithMessagef(err, "program %s", p.Name)
		}
	}
	if j.Kind == Observables {
		return nil
	}
	return j.checkPrograms()
}

// checkPrograms returns an error unless a job of a head has the programs that Whole or Pairs makes: for the
// whole image, or once for each pair with a share, one without a shift and behind it those with shifts, in
// pairs of opposite sign and the same for all.
func (j *Job) checkPrograms() error {
	total := 0.0
	for i, s := range j.Shares {
		if total += s; !(s >= 0 && s <= 1) {
			return errors.Errorf("share %d is %v, want 0 to 1", i, s)
		}
	}
	if math.Abs(total-1) > 1e-6 {
		return errors.Errorf("the shares have the sum %v, want 1", total)
	}
	names, pairs := []string{"whole"}, [][]int{nil}
	if j.Kind == PatchPairs {
		names, pairs = nil, nil
		for i, a := range j.Shares {
			for k, b := range j.Shares {
				if a*b > 0 {
					names, pairs = append(names, pairName(i, k)), append(pairs, []int{i, k})
				}
			}
		}
	}
	each := len(j.Programs) / len(names)
	if each*len(names) != len(j.Programs) || each%2 != 1 {
		return errors.Errorf("there are %d programs, want one for each of %d, and as many shifted ones "+
			"for each",
			len(j.Programs), len(names))
	}
	for i, p := range j.Programs {
		n, name := i%each, names[i/each]
		if n > 0 {
			name = shiftName(name, n-1)
		}
		switch {
		case p.Name != name || !slices.Equal(p.Pair, pairs[i/each]) || (p.Shift != nil) != (n > 0):
			return errors.Errorf("program %d is %s, of the pair %v, want %s of %v, and a shift if its "+
				"name says so", i,
				p.Name, p.Pair, name, pairs[i/each])
		case n > 0 && (p.Shift.By == 0 || p.Shift.Factor == 0):
			return errors.Errorf("program %s: a shift by %v with the factor %v, want both other than 0", name,
				p.Shift.By, p.Shift.Factor)
		case n > 0 && *p.Shift != *j.Programs[n].Shift:
			return errors.Errorf("program %s: its shift is not that of %s", name, j.Programs[n].Name)
		case n > 0 && n%2 == 0 && *p.Shift != j.Programs[i-1].Shift.opposite():
			return errors.Errorf("program %s: its shift is not the opposite of that before it", name)
		case p.Shots > j.Shots:
			return errors.Errorf("program %s: shots is %d of %d in all", name, p.Shots, j.Shots)
		}
	}
	return nil
}

func (s Shift) opposite() Shift { return Shift{Angle: s.Angle, By: -s.By, Factor: -s.Factor} }

func (j *Job) checkProgram(p Program) error {
	bad := func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }
	switch {
	case len(p.Bits) == 0 || len(p.Bits) > circuit.MaxQubits || len(p.Qubits) != len(p.Bits):
		return errors.Errorf("%d bits and %d qubits, want as many, 1 to %d", len(p.Bits), len(p.Qubits),
			circuit.MaxQubits)
	case p.Shots < 1 || p.Shots > statevec.MaxShots:
		return errors.Errorf("shots is %d, want 1 to 2^50", p.Shots)
	case p.Shift != nil && (p.Shift.Angle < 0 || p.Shift.Angle >= j.Angles || bad(p.Shift.By) ||
		bad(p.Shift.Factor)):
		return errors.Errorf("a shift of angle %d by the factor %v, want one of %d angles", p.Shift.Angle,
			p.Shift.Factor, j.Angles)
	case j.Kind == WholeImage && len(p.Bits) != 1+2*indexBits(j.Tokens):
		return errors.Errorf("%d bits, want the ancilla and twice the index of %d tokens", len(p.Bits),
			j.Tokens)
	case (j.Kind == PatchPairs) != (len(p.Pair) == 2):
		return errors.Errorf("pair is %v, want two patches for a job of pairs alone", p.Pair)
	case (j.Kind == Observables) != (len(p.Terms) > 0):
		return errors.Errorf("%d terms, want some for a job of observables alone", len(p.Terms))
	}
	for _, i := range p.Pair {
		if i < 0 || i >= j.Tokens {
			return errors.Errorf("pair is %v, want two of %d patches", p.Pair, j.Tokens)
		}
	}
	for _, t := range p.Terms {
		if t.Observable < 0 || t.Observable >= j.Observables || bad(t.Coefficient) || len(t.Bits) == 0 {
			return errors.Errorf("term %v, want one of observable 0 to %d, of some bits", t, j.Observables-1)
		}
		for _, b := range t.Bits {
			if b < 0 || b >= len(p.Bits) {
				return errors.Errorf("term %s reads bit %d of %d", t.Pauli, b, len(p.Bits))
			}
		}
	}
	return nil
}
