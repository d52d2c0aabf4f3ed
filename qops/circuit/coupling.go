package circuit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
)

// MaxCoupling is the largest number of qubits of a coupling map.
const MaxCoupling = 1024

// Coupling says on which pairs of a device's qubits a gate of two qubits can act. It is made by AllToAll,
// Line, Ring, Grid, HeavyHex or Pairs and never changes. Mistakes are kept in it and come back from Err,
// which everything that takes a map checks. The zero Coupling is no map: no limits, on any number of qubits.
type Coupling struct {
	name     string
	n        int
	directed bool
	pairs    [][2]int
	next     [][]int   // neighbours of each qubit, ascending
	distance [][]int16 // −1 between qubits that no path joins
	all      bool
	err      error
}

// newCoupling checks the pairs and finds neighbours and distances.
func newCoupling(name string, n int, pairs [][2]int, directed bool) Coupling {
	c := Coupling{name: name, n: n, directed: directed}
	if n < 1 || n > MaxCoupling {
		c.err = errors.Errorf("circuit: a coupling map: want 1 to %d qubits, got %d", MaxCoupling, n)
		return c
	}
	c.next = make([][]int, n)
	for _, p := range pairs {
		if !directed && p[0] > p[1] {
			p[0], p[1] = p[1], p[0]
		}
		switch {
		case min(p[0], p[1]) < 0 || max(p[0], p[1]) >= n:
			c.err = errors.Errorf("circuit: a coupling map of %d qubits: pair %d-%d is out of range [0,%d)",
				n, p[0], p[1], n)
			return c
		case p[0] == p[1]:
			c.err = errors.Errorf("circuit: a coupling map: pair %d-%d is one qubit twice", p[0], p[1])
			return c
		}
		c.pairs = append(c.pairs, p)
		c.next[p[0]] = append(c.next[p[0]], p[1])
		c.next[p[1]] = append(c.next[p[1]], p[0])
	}
	slices.SortFunc(c.pairs, func(p, r [2]int) int {
		if p[0] != r[0] {
			return p[0] - r[0]
		}
		return p[1] - r[1]
	})
	c.pairs = slices.Compact(c.pairs)
	for q := range c.next {
		slices.Sort(c.next[q])
		c.next[q] = slices.Compact(c.next[q])
	}
	c.measure()
	c.err = c.connected()
	return c
}

// measure fills in the distances, by a search from each qubit.
func (c *Coupling) measure() {
	c.distance = make([][]int16, c.n)
	queue := make([]int, 0, c.n)
	for from := range c.n {
		d := make([]int16, c.n)
		for q := range d {
			d[q] = -1
		}
		d[from] = 0
		queue = append(queue[:0], from)
		for i := 0; i < len(queue) && len(queue) < c.n; i++ {
			for _, q := range c.next[queue[i]] {
				if d[q] < 0 {
					d[q] = d[queue[i]] + 1
					queue = append(queue, q)
				}
			}
		}
		c.distance[from] = d
	}
}

// connected returns an error that names the parts of a map that no pair joins.
func (c Coupling) connected() error {
	parts := c.Parts()
	if len(parts) < 2 {
		return nil
	}
	const most = 6
	var texts []string
	for _, p := range parts[:min(len(parts), most)] {
		texts = append(texts, "{"+ranges(p)+"}")
	}
	list := words.List(texts, "and")
	if more := len(parts) - most; more > 0 {
		list = strings.Join(texts, ", ") + fmt.Sprintf(" and %d more", more)
	}
	return errors.Errorf("circuit: the coupling map (%s) is not connected: it falls into %s; add pairs "+
		"between them, or use one of them (Part)", c, list)
}

// ranges writes ascending numbers: 0-3, 7, 9-10.
func ranges(x []int) string {
	var out []string
	for i := 0; i < len(x); {
		j := i
		for j+1 < len(x) && x[j+1] == x[j]+1 {
			j++
		}
		text := fmt.Sprint(x[i])
		if j > i {
			text += fmt.Sprintf("-%d", x[j])
		}
		out, i = append(out, text), j+1
	}
	return strings.Join(out, ", ")
}

// Err returns what is wrong with the map: numbers out of range, or parts that are not joined, by their
// qubits.
func (c Coupling) Err() error { return c.err }

// Qubits returns the number of qubits, 0 for the zero Coupling.
func (c Coupling) Qubits() int { return c.n }

// All tells whether any two qubits are coupled: on the maps of AllToAll, and on the zero Coupling.
func (c Coupling) All() bool { return c.all || c.n == 0 && c.err == nil }

// Directed tells whether the order of the qubits of a pair counts.
func (c Coupling) Directed() bool { return c.directed }

// Pairs returns the coupled pairs in ascending order, on a map that is not directed the smaller qubit first.
func (c Coupling) Pairs() [][2]int { return slices.Clone(c.pairs) }

// Neighbours returns the qubits that a qubit is coupled to, in either direction, ascending; nil for a qubit
// out of range.
func (c Coupling) Neighbours(q int) []int {
	if q < 0 || q >= len(c.next) {
		return nil
	}
	return slices.Clone(c.next[q])
}

// Allows tells whether a gate can act from a to b; without directions, on the two.
func (c Coupling) Allows(a, b int) bool {
	if c.n == 0 {
		return c.err == nil && a >= 0 && b >= 0 && a != b
	}
	if c.Distance(a, b) != 1 {
		return false
	}
	if !c.directed {
		return true
	}
	_, ok := slices.BinarySearchFunc(c.pairs, [2]int{a, b}, func(p, want [2]int) int {
		if p[0] != want[0] {
			return p[0] - want[0]
		}
		return p[1] - want[1]
	})
	return ok
}

// Distance returns the number of pairs on the shortest path from a to b whatever their direction, −1 if there
// is none or a qubit is out of range. On the zero Coupling it is 1 between different qubits.
func (c Coupling) Distance(a, b int) int {
	switch {
	case a == b && a >= 0 && (a < c.n || c.n == 0):
		return 0
	case c.n == 0 && c.err == nil && min(a, b) >= 0:
		return 1
	case min(a, b) < 0 || max(a, b) >= len(c.distance):
		return -1
	}
	return int(c.distance[a][b])
}

// Parts returns the qubits of each connected part, ascending.
func (c Coupling) Parts() [][]int {
	var parts [][]int
	for q := range c.distance {
		var part []int
		for r, d := range c.distance[q] {
			if d >= 0 {
				part = append(part, r)
			}
		}
		if part[0] == q {
			parts = append(parts, part)
		}
	}
	return parts
}

// Part returns the map of the given qubits alone: qubit i of it is qubits[i] of c. It has an error (Err) for
// a qubit that is out of range or given twice, and if the part is not connected.
func (c Coupling) Part(qubits ...int) Coupling {
	place := map[int]int{}
	for i, q := range qubits {
		_, twice := place[q]
		if q < 0 || q >= c.n || twice {
			return Coupling{name: c.name, err: errors.Errorf(
				"circuit: Coupling.Part: want different qubits from [0,%d), got %v", c.n, qubits)}
		}
		place[q] = i
	}
	var pairs [][2]int
	for _, p := range c.pairs {
		a, aIn := place[p[0]]
		b, bIn := place[p[1]]
		if aIn && bIn {
			pairs = append(pairs, [2]int{a, b})
		}
	}
	part := newCoupling(fmt.Sprintf("%s of %s", words.Count(len(qubits), "qubit"), c), len(qubits), pairs,
		c.directed)
	part.all = c.all
	return part
}

// String returns what the map is: line of 5, grid of 4×5.
func (c Coupling) String() string {
	if c.name == "" {
		return "any two qubits"
	}
	return c.name
}
