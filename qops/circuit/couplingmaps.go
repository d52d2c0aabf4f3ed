package circuit

import (
	"fmt"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
)

// AllToAll returns the map of n qubits on which any two are coupled.
func AllToAll(n int) Coupling {
	var pairs [][2]int
	if n <= MaxCoupling {
		for a := range n {
			for b := range a {
				pairs = append(pairs, [2]int{b, a})
			}
		}
	}
	c := newCoupling(fmt.Sprintf("all-to-all of %d", n), n, pairs, false)
	c.all = true
	return c
}

// Line returns the map of n qubits in a row.
func Line(n int) Coupling {
	var pairs [][2]int
	for q := 0; q+1 < min(n, MaxCoupling+1); q++ {
		pairs = append(pairs, [2]int{q, q + 1})
	}
	return newCoupling(fmt.Sprintf("line of %d", n), n, pairs, false)
}

// Ring returns the map of n qubits in a circle.
func Ring(n int) Coupling {
	c := Line(n)
	if n > 2 && n <= MaxCoupling {
		c = newCoupling("", n, append(c.pairs, [2]int{0, n - 1}), false)
	}
	c.name = fmt.Sprintf("ring of %d", n)
	return c
}

// Grid returns the map of qubits in rows and columns, each coupled to the next in its row and its column;
// qubit r·columns+c stands in row r and column c.
func Grid(rows, columns int) Coupling {
	name := fmt.Sprintf("grid of %d×%d", rows, columns)
	if rows < 1 || columns < 1 || rows > MaxCoupling || columns > MaxCoupling/rows {
		return Coupling{name: name,
			err: errors.Errorf("circuit: Grid: want rows and columns of 1 to %d qubits, "+
				"got %d and %d", MaxCoupling, rows, columns)}
	}
	var pairs [][2]int
	for q := range rows * columns {
		if (q+1)%columns != 0 {
			pairs = append(pairs, [2]int{q, q + 1})
		}
		if q+columns < rows*columns {
			pairs = append(pairs, [2]int{q, q + columns})
		}
	}
	return newCoupling(name, rows*columns, pairs, false)
}

// maxHexagons is the largest distance of HeavyHex: 883 qubits, where the next has more than MaxCoupling.
const maxHexagons = 19

// HeavyHex returns the heavy-hexagon map of an odd distance d from 3 to 19: (5d²−2d−1)/2 qubits, at most
// three neighbours each. It has d rows of 2d−1 qubits in a line; (d+1)/2 further qubits join each row to the
// next, four places from each other in the bulk. Qubits are counted row by row, those between two rows after
// the first of them.
//
// Source: Chamberland et al., arXiv:1907.09528.
func HeavyHex(d int) Coupling {
	name := fmt.Sprintf("heavy hexagons of distance %d", d)
	if d < 3 || d%2 == 0 || d > maxHexagons {
		return Coupling{name: name, err: errors.Errorf(
			"circuit: HeavyHex: want an odd distance from 3 to %d, got %d", maxHexagons, d)}
	}
	var pairs [][2]int
	width, bridges := 2*d-1, (d+1)/2
	for row := range d {
		start := row * (width + bridges)
		for q := range width - 1 {
			pairs = append(pairs, [2]int{start + q, start + q + 1})
		}
		for i := 0; i < bridges && row+1 < d; i++ {
			place := max(0, 4*i-1) // even rows: 0, 3, 7, …
			if row%2 == 1 {
				place = min(width-1, 4*i+1) // odd rows: 1, 5, …, the last
			}
			bridge := start + width + i
			pairs = append(pairs, [2]int{start + place, bridge}, [2]int{bridge,
				start + width + bridges + place})
		}
	}
	return newCoupling(name, d*width+(d-1)*bridges, pairs, false)
}

// Pairs returns the map of n qubits with the given pairs. On a directed map a gate acts from the first to the
// second qubit of a pair; a pair that works both ways stands there twice.
func Pairs(n int, pairs [][2]int, directed bool) Coupling {
	name := fmt.Sprintf("%s on %s", words.Count(len(pairs), "pair"), words.Count(n, "qubit"))
	if directed {
		name = "directed " + name
	}
	return newCoupling(name, n, pairs, directed)
}
