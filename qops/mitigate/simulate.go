package mitigate

import (
	"math"
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
)

// Simulated is Fold for a simulator: circuits of the same effect, of fewer gates where noise commutes with
// them. A gate with its pairs and one depolarising channel on its qubits is the gate and a power of the
// channel.
func (z ZNE) Simulated(c *circuit.Noisy) ([]*circuit.Noisy, *Extrapolation, error) {
	return z.fold(c, true)
}

// depolarises returns what one channel behind a gate, on all of its qubits, leaves of every Pauli string, and
// false for other noise.
func (g group) depolarises() (keep float64, ok bool) {
	qubits := g[0].Operation.AllQubits()
	if len(g) != 2 || len(g[1].Qubits) != len(qubits) {
		return 0, false
	}
	for _, q := range g[1].Qubits {
		if !slices.Contains(qubits, q) {
			return 0, false
		}
	}
	t := g[1].Channel.Transfer()
	d := int(math.Sqrt(float64(len(t))))
	keep = t[d+1]
	for i, v := range t {
		want := 0.0
		if i/d == i%d {
			want = keep
		}
		if i == 0 {
			want = 1
		}
		if math.Abs(v-want) > 1e-13 {
			return 0, false
		}
	}
	return keep, keep >= 0
}

// addPower appends the gate and its channel times over; the group depolarises.
func (g group) addPower(out *circuit.Noisy, keep float64, times int) {
	out.Apply(g[0].Operation)
	name, d := "depolarizing", 4.0
	if len(g[1].Qubits) == 2 {
		name, d = "depolarizing2", 16
	}
	power, err := circuit.NewChannel(name, (1-math.Pow(keep, float64(times)))*(d-1)/d)
	if err == nil { // of 0 ≤ keep ≤ 1
		out.Disturb(power, g[1].Qubits...)
	}
}
