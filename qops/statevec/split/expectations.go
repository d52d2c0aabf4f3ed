package split

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/pkg/errors"
)

// Expectations measures ⟨ψ|O|ψ⟩ of a state over ranks for a fixed list of observables. Strings with X or Y on
// global qubits cost an exchange of the state for each set of these qubits; all others cost none. It owns its
// memory: one a goroutine.
type Expectations[T statevec.Float] struct {
	observables []statevec.Observable
	threads     int

	layout  *Layout // that the rest is for, on a rank
	rank    int
	local   *statevec.RowMeasurement[T]
	across  []across
	out     []T
	weights []T
}

// across are the strings that take the amplitudes of a rank to one other.
type across struct {
	flip    int // of the global positions
	strings []crossing
}

// crossing is one of them, as masks over the index on a rank.
type crossing struct {
	observable int
	weight     float64 // with the sign of Z on global qubits where the amplitudes come from
	flip, sign int
	turns      int // i^turns is a factor of the string: one for each Y
}

// NewExpectations prepares observables on so many qubits. It returns an error without observables, for a
// Pauli string that is not n letters of I, X, Y, Z, and for a coefficient that is not finite.
func NewExpectations[T statevec.Float](qubits int, observables []statevec.Observable, threads int) (
	*Expectations[T], error) {
	if len(observables) == 0 {
		return nil, errors.New("split: want at least one observable, got none")
	}
	e := &Expectations[T]{threads: threads, out: make([]T, len(observables))}
	for k, o := range observables {
		for _, t := range o {
			if len(t.Pauli) != qubits || strings.Trim(t.Pauli, "IXYZ") != "" {
				return nil, errors.Errorf("split: observable %d: want a Pauli string of %d letters I, X, "+
					"Y, Z, got %q", k, qubits, t.Pauli)
			}
			if math.IsNaN(t.Coefficient) || math.IsInf(t.Coefficient, 0) {
				return nil, errors.Errorf("split: observable %d: the coefficient of %s is %v, want a "+
					"finite number", k, t.Pauli, t.Coefficient)
			}
		}
		e.observables = append(e.observables, slices.Clone(o))
	}
	return e, nil
}

// prepare sorts the strings for a layout.
func (e *Expectations[T]) prepare(s *State[T]) error {
	if e == nil || len(e.observables) == 0 {
		return errors.New("split: want Expectations from NewExpectations")
	}
	if err := s.check(); err != nil {
		return err
	}
	if e.layout != nil && e.rank == s.comm.Rank && e.layout.equal(s.layout) {
		return nil
	}
	l, rank := s.layout, s.comm.Rank
	e.layout, e.across = nil, nil
	local := make([]statevec.Observable, len(e.observables))
	for k, o := range e.observables {
		for _, t := range o {
			if len(t.Pauli) != l.Qubits() {
				return errors.Errorf("split: want a state of %d qubits for these observables, got %d",
					len(t.Pauli), l.Qubits())
			}
			e.sort(k, t, l, rank, &local[k])
		}
	}
	var err error
	if e.local, err = statevec.NewExpectations[T](l.local, local, e.threads); err != nil {
		return errors.WithMessage(err, "split")
	}
	e.layout, e.rank = l, rank
	return nil
}

// sort adds a string to those of the rank, with the sign of its Z on global qubits, or to those across ranks.
func (e *Expectations[T]) sort(k int, t statevec.Term, l *Layout, rank int, local *statevec.Observable) {
	flip, c := 0, crossing{observable: k, weight: t.Coefficient, turns: strings.Count(t.Pauli, "Y")}
	letters := []byte(strings.Repeat("I", l.local))
	for q, letter := range []byte(t.Pauli) {
		x, z := letter == 'X' || letter == 'Y', letter == 'Z' || letter == 'Y'
		if l.isLocal(q) {
			letters[l.place[q]-l.global()] = letter
			if x {
				c.flip |= l.localBit(q)
			}
			if z {
				c.sign |= l.localBit(q)
			}
			continue
		}
		bit := l.bitOn(rank, q)
		if x {
			flip |= 1 << (l.global() - 1 - l.place[q])
			bit ^= 1 // where they come from
		}
		if z && bit == 1 {
			c.weight = -c.weight
		}
	}
	if flip == 0 {
		*local = append(*local, statevec.Term{Coefficient: c.weight, Pauli: string(letters)})
		return
	}
	i := slices.IndexFunc(e.across, func(a across) bool { return a.flip == flip })
	if i < 0 {
		i, e.across = len(e.across), append(e.across, across{flip: flip})
	}
	e.across[i].strings = append(e.across[i].strings, c)
}

// Apply returns the expectations, the same bits on all ranks. It is a call of all ranks.
func (e *Expectations[T]) Apply(psi *State[T]) ([]float64, error) {
	if err := e.prepare(psi); err != nil {
		return nil, err
	}
	if err := e.local.Apply(1, psi.Amplitudes, e.out); err != nil {
		return nil, errors.WithMessage(err, "split")
	}
	sums := make([]float64, len(e.out))
	for k, v := range e.out {
		sums[k] = float64(v)
	}
	err := e.crossings(psi, func(c *crossing, from int, theirs, mine []T) {
		sums[c.observable] += c.weight * inner(c, from, theirs, mine)
	}, psi)
	if err == nil {
		err = psi.comm.sum(sums)
	}
	return sums, err
}

// Adjoint sets dpsi to the gradient by the state, from dout = ∂L/∂out by the expectations. It is a call of
// all ranks.
func (e *Expectations[T]) Adjoint(psi *State[T], dout []float64, dpsi *State[T]) error {
	if err := e.prepare(psi); err != nil {
		return err
	}
	if err := cmp.Or(sameSize(psi, dpsi), checkLength("dout", len(dout), len(e.out))); err != nil {
		return err
	}
	e.weights = e.weights[:0]
	for _, v := range dout {
		e.weights = append(e.weights, T(v))
	}
	if err := e.local.Adjoint(1, psi.Amplitudes, e.weights, dpsi.Amplitudes); err != nil {
		return errors.WithMessage(err, "split")
	}
	dpsi.layout = psi.layout
	return e.crossings(psi, func(c *crossing, from int, theirs, mine []T) {
		add(c, T(2*c.weight*dout[c.observable]), from, theirs, mine)
	}, dpsi)
}

// crossings exchanges a state with the ranks that strings take it to, and calls f for the strings on blocks
// of theirs: the amplitudes from an index on, and those of to that they are taken to.
func (e *Expectations[T]) crossings(psi *State[T], f func(c *crossing, from int, theirs, mine []T),
	to *State[T]) error {
	amplitudes := len(psi.Amplitudes) / 2
	chunk := min(amplitudes, ChunkAmplitudes)
	for _, a := range e.across {
		peer := slices.Index(e.layout.block, e.layout.block[psi.comm.Rank]^a.flip)
		_, theirs := psi.buffers(2 * chunk)
		for from := 0; from < amplitudes; from += chunk {
			if err := psi.comm.exchange(peer, bytesOf(psi.Amplitudes[2*from:][:2*chunk]),
				bytesOf(theirs)); err != nil {
				return err
			}
			for i := range a.strings {
				c := &a.strings[i]
				at := from ^ c.flip&^(chunk-1)
				f(c, from, theirs, to.Amplitudes[2*at:][:2*chunk])
			}
		}
	}
	return nil
}

// image returns what the string makes of an amplitude of theirs.
func image[T statevec.Float](c *crossing, index int, re, im T) (T, T) {
	turns := c.turns + 2*bits.OnesCount(uint(index&c.sign))
	if turns&1 == 1 {
		re, im = -im, re
	}
	if turns&2 == 2 {
		re, im = -re, -im
	}
	return re, im
}

// inner returns the real part of ⟨mine|P|theirs⟩ on blocks, theirs from an index on.
func inner[T statevec.Float](c *crossing, from int, theirs, mine []T) (sum float64) {
	flip := c.flip & (len(theirs)/2 - 1)
	for i := range len(theirs) / 2 {
		re, im := image(c, from+i, theirs[2*i], theirs[2*i+1])
		m := mine[2*(i^flip):]
		sum += float64(m[0])*float64(re) + float64(m[1])*float64(im)
	}
	return sum
}

// add adds a weight times P|theirs⟩ to mine.
func add[T statevec.Float](c *crossing, weight T, from int, theirs, mine []T) {
	flip := c.flip & (len(theirs)/2 - 1)
	for i := range len(theirs) / 2 {
		re, im := image(c, from+i, theirs[2*i], theirs[2*i+1])
		m := mine[2*(i^flip):]
		m[0] += weight * re
		m[1] += weight * im
	}
}
