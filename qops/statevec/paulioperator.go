package statevec

import (
	"math/bits"

	"github.com/hqvit/hqvit/qops/circuit"
)

// pauliOperator is i^turns·X^flip·Z^sign on the qubits of a state, as masks over the index of an amplitude.
// With as many turns as flip and sign have ones in common it is a product of letters X, Y, Z.
type pauliOperator struct {
	flip, sign, turns int
}

func (p pauliOperator) trivial() bool { return p.flip|p.sign == 0 }

// times returns the operator p·q.
func (p pauliOperator) times(q pauliOperator) pauliOperator {
	turns := p.turns + q.turns + 2*bits.OnesCount(uint(p.sign&q.flip))
	return pauliOperator{p.flip ^ q.flip, p.sign ^ q.sign, turns & 3}
}

// cliffords knows of the gates that it was asked about how they turn Pauli strings into Pauli strings.
type cliffords map[cliffordKey][]pauliOperator

type cliffordKey struct {
	gate     circuit.Gate
	controls int
}

// imagesOf returns U·P·U† of a gate U for X of each of its qubits, and then Z of each, with masks over its
// own qubits, the first of them the most significant bit; nil unless the gate has no free angle and at most
// two qubits, and all of them are Pauli strings.
func (c cliffords) imagesOf(g circuit.Operation) []pauliOperator {
	n := len(g.Controls) + len(g.Qubits)
	if n > 2 || !g.Constant() {
		return nil
	}
	key := cliffordKey{g.Gate, len(g.Controls)}
	images, known := c[key]
	if !known || len(g.Angles) > 0 {
		images = newImages(transferOf(g), n)
		if len(g.Angles) == 0 {
			c[key] = images
		}
	}
	return images
}

// newImages reads the images from the matrix of a gate on Pauli coefficients.
func newImages(transfer circuit.Matrix, n int) (images []pauliOperator) {
	size := 1 << (2 * n)
	if len(transfer) != size*size {
		return nil
	}
	for _, letter := range []int{1, 2} { // X, Z
		for k := range n {
			column, found := letter<<(2*(n-1-k)), false
			for row := range size {
				v := real(transfer[row*size+column])
				if v*v < 1-1e-12 {
					continue
				}
				p := pauliOperator{}
				for b := range n { // two bits a qubit, z and x
					p.flip |= row >> (2 * b) & 1 << b
					p.sign |= row >> (2*b + 1) & 1 << b
				}
				if p.turns = bits.OnesCount(uint(p.flip & p.sign)); v < 0 {
					p.turns += 2
				}
				images, found = append(images, p), true
				break
			}
			if !found {
				return nil
			}
		}
	}
	return images
}

// behind returns U·p·U† for a gate on some qubits of n, whose images are known.
func (p pauliOperator) behind(images []pauliOperator, qubits []int, n int) pauliOperator {
	k := len(qubits)
	all, local := 0, pauliOperator{}
	for i, x := range images {
		q := 1 << (n - 1 - qubits[i%k])
		if all |= q; i < k && p.flip&q != 0 || i >= k && p.sign&q != 0 {
			local = local.times(x)
		}
	}
	out := pauliOperator{p.flip &^ all, p.sign &^ all, (p.turns + local.turns) & 3}
	for i, q := range qubits {
		bit := 1 << (n - 1 - q)
		if local.flip>>(k-1-i)&1 == 1 {
			out.flip |= bit
		}
		if local.sign>>(k-1-i)&1 == 1 {
			out.sign |= bit
		}
	}
	return out
}
