package main

import "math"

// exactEnergy returns the least eigenvalue of the chain by power iteration with c − H, whose largest
// eigenvalue is c − E for a c above all of H's.
func exactEnergy() float64 {
	const c = qubits*(1+field) + 1
	psi, next := ones(1<<qubits), make([]float64, 1<<qubits)
	energy := 0.0
	for range 5000 {
		energy = 0
		norm := 0.0
		for i := range psi {
			h := hamiltonian(psi, i)
			energy += psi[i] * h
			norm += psi[i] * psi[i]
			next[i] = c*psi[i] - h
		}
		energy /= norm
		scale := 1 / (c * math.Sqrt(norm))
		for i, v := range next {
			psi[i] = v * scale
		}
	}
	return energy
}

// hamiltonian returns entry i of Hψ: a bond gives −1 where its two bits agree and +1 where they differ, the
// field flips each bit.
func hamiltonian(psi []float64, i int) (h float64) {
	for q := range qubits {
		bit := 1 << q
		h -= field * psi[i^bit]
		if q+1 < qubits {
			if agree := i&bit != 0 == (i&(bit<<1) != 0); agree {
				h -= psi[i]
			} else {
				h += psi[i]
			}
		}
	}
	return h
}
