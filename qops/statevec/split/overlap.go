package split

import (
	"github.com/hqvit/hqvit/qops/statevec"
)

// Overlap returns ⟨φ|ψ⟩, the same bits on all ranks; ψ is brought to the layout of φ. It is a call of all
// ranks.
func Overlap[T statevec.Float](phi, psi *State[T]) (complex128, error) {
	if err := sameSize(phi, psi); err != nil {
		return 0, err
	}
	if err := psi.Rearrange(phi.layout); err != nil {
		return 0, err
	}
	sum := make([]float64, 2)
	const block = 4096
	for from := 0; from < len(phi.Amplitudes); from += block {
		to, re, im := min(from+block, len(phi.Amplitudes)), 0.0, 0.0
		for i := from; i < to; i += 2 {
			a, b := float64(phi.Amplitudes[i]), float64(phi.Amplitudes[i+1])
			c, d := float64(psi.Amplitudes[i]), float64(psi.Amplitudes[i+1])
			re += a*c + b*d
			im += a*d - b*c
		}
		sum[0], sum[1] = sum[0]+re, sum[1]+im
	}
	err := phi.comm.sum(sum)
	return complex(sum[0], sum[1]), err
}

// OverlapAdjoint sets dphi and dpsi to the gradients of |⟨φ|ψ⟩|² times dout by the states, from z =
// Overlap(φ, ψ); a nil one is left out. Dphi may be psi and dpsi phi, whose amplitudes are then lost. It
// sends nothing.
func OverlapAdjoint[T statevec.Float](phi, psi *State[T], z complex128, dout float64, dphi,
	dpsi *State[T]) error {
	if err := sameSize(phi, psi); err != nil {
		return err
	}
	if err := checkLayout("for the other one", psi.layout, phi.layout); err != nil {
		return err
	}
	for _, d := range []*State[T]{dphi, dpsi} {
		if d != nil {
			if err := sameSize(phi, d); err != nil {
				return err
			}
			d.layout = phi.layout
		}
	}
	re, im := T(2*dout*real(z)), T(2*dout*imag(z))
	for i := 0; i < len(phi.Amplitudes); i += 2 {
		a, b := phi.Amplitudes[i], phi.Amplitudes[i+1]
		c, d := psi.Amplitudes[i], psi.Amplitudes[i+1]
		if dphi != nil { // 2·z̄·ψ
			dphi.Amplitudes[i], dphi.Amplitudes[i+1] = re*c+im*d, re*d-im*c
		}
		if dpsi != nil { // 2·z·φ
			dpsi.Amplitudes[i], dpsi.Amplitudes[i+1] = re*a-im*b, re*b+im*a
		}
	}
	return nil
}
