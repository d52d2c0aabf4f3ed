package statevec

import (
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
)

// TestPassesOfARing: what the speed stands on. A layer of RY, RZ and a ring of CX is its rotations, fused,
// and one step for all phases, in a large circuit too, and every tile of that is moved by lines.
func TestPassesOfARing(t *testing.T) {
	for n, want := range map[int]int{6: 2*2 + 2, 8: 2*3 + 2, 10: 2*4 + 2} {
		c, k := circuit.New(n), 0
		for range 2 {
			for q := range n {
				c.RY(q, circuit.Theta(k)).RZ(q, circuit.Theta(k+1))
				k += 2
			}
			for q := range n {
				c.CX(q, (q+1)%n)
			}
		}
		plan, err := Compile[float32](c)
		if err != nil {
			t.Fatal(err)
		}
		if plan.passes != want {
			t.Errorf("%d qubits: %d passes, want %d", n, plan.passes, want)
		}
	}
	for n := 12; n <= 20; n++ {
		c := circuit.New(n)
		for q := range 3 * n {
			c.RY(q%n, circuit.Theta(q)).CX(q%n, (q+1)%n)
		}
		plan, err := Compile[float64](c)
		if err != nil {
			t.Fatal(err)
		}
		for i := range plan.segments {
			s := &plan.segments[i]
			if p := s.tile(0); !tile.MovesByLines[float64](&s.start, &p.Position) {
				t.Errorf("%d qubits: the tiles of segment %d, lanes %v, are not moved by lines", n, i, s.lane)
			}
		}
	}
}
