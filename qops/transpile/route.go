package transpile

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
)

// What a swap is chosen by, as in Qiskit's LightSABRE.
//
// Source: Li, Ding, Xie, arXiv:1809.02573; Zou, Treinish, Hartman, Ivrii, Lishman, arXiv:2409.08368.
const (
	lookAhead     = 20    // operations beyond those that are ready
	aheadWeight   = 0.5   // of the mean of their distances
	decayStep     = 0.001 // a qubit that was just moved costs more by this
	decayReset    = 5     // swaps, after which no qubit does
	tie           = 1e-10
	patienceSwaps = 10 // a qubit, without an operation done: then the shortest path is taken
)

// router places the operations of circuits on a coupling map.
type router struct {
	n        int
	next     [][]int
	distance [][]int
}

func newRouter(c circuit.Coupling) *router {
	r := &router{n: c.Qubits(), next: make([][]int, c.Qubits()), distance: make([][]int, c.Qubits())}
	for q := range r.n {
		r.next[q] = c.Neighbours(q)
		r.distance[q] = make([]int, r.n)
		for p := range r.n {
			r.distance[q][p] = c.Distance(q, p)
		}
	}
	return r
}

// route is what came out of routing.
type route struct {
	ops   []op
	swaps int
	first []int // physical qubit of each qubit before
	last  []int // and after
}

// placed returns the route of a placement that needs no swap.
func placed(ops []op, placement []int) route {
	out := route{first: placement, last: placement}
	for _, o := range ops {
		if o.a = placement[o.a]; o.two() {
			o.b = placement[o.b]
		}
		out.ops = append(out.ops, o)
	}
	return out
}

// walk is a routing under way.
type walk struct {
	*router
	*progress
	rng    *rand.Rand
	record bool
	out    route
	at     []int // physical qubit of each qubit
	decay  []float64
	moved  int      // swaps since decay was reset
	tried  [][2]int // swaps since an operation was done
	front  []int    // operations that are ready and cannot be done yet
	coming []int
	// By physical qubit: where the partners of its operations are, of front and of coming.
	partners, later [][]int
	here            []int // qubits with partners
}

var swapOp = blockOp(0, 1, swap4, []part{cxPart(0), cxPart(1), cxPart(0)})

// route carries a plan out from a placement of its qubits, and records the operations if they are wanted.
func (r *router) route(p *plan, placement []int, rng *rand.Rand, record bool) route {
	w := &walk{router: r, progress: p.start(), rng: rng, record: record, at: slices.Clone(placement),
		decay: make([]float64, r.n), partners: make([][]int, r.n), later: make([][]int, r.n)}
	w.out.first = placement
	w.resetDecay()
	for w.advance(); len(w.front) > 0; w.advance() {
		if len(w.tried) >= patienceSwaps*r.n {
			w.force()
		} else {
			w.apply(w.best())
		}
	}
	w.out.last = w.at
	return w.out
}

func (w *walk) resetDecay() {
	for q := range w.decay {
		w.decay[q] = 1
	}
	w.moved = 0
}

// advance does all that can be done where the qubits are now.
func (w *walk) advance() {
	did := false
	w.ready, w.front = append(w.ready, w.front...), w.front[:0]
	for k := 0; k < len(w.ready); k++ { // do appends
		i := w.ready[k]
		if o := &w.ops[i]; o.two() && w.apart(i) != 1 {
			w.front = append(w.front, i)
			continue
		}
		w.do(i)
		did = true
	}
	w.ready = w.ready[:0]
	if did {
		w.tried = w.tried[:0]
		w.resetDecay()
	}
	if did || w.coming == nil {
		w.coming = w.upcoming(lookAhead, w.coming)
	}
	w.neighbourhood()
}

func (w *walk) do(i int) {
	w.finish(i)
	if w.record {
		o := w.ops[i]
		o.a = w.at[o.a]
		if o.two() {
			o.b = w.at[o.b]
		}
		w.out.ops = append(w.out.ops, o)
	}
}

// neighbourhood notes which physical qubits want to be close to each other.
func (w *walk) neighbourhood() {
	for q := range w.router.n {
		w.partners[q], w.later[q] = w.partners[q][:0], w.later[q][:0]
	}
	w.here = w.here[:0]
	note := func(list [][]int, ops []int) {
		for _, i := range ops {
			a, b := w.at[w.ops[i].a], w.at[w.ops[i].b]
			list[a], list[b] = append(list[a], b), append(list[b], a)
		}
	}
	note(w.partners, w.front)
	note(w.later, w.coming)
	for q := range w.router.n {
		if len(w.partners[q]) > 0 {
			w.here = append(w.here, q)
		}
	}
}

// best returns the swap after which the operations that are ready, and those to come, are closest together.
func (w *walk) best() [2]int {
	total := func(ops []int) float64 {
		sum := 0
		for _, i := range ops {
			sum += w.distance[w.at[w.ops[i].a]][w.at[w.ops[i].b]]
		}
		return float64(sum)
	}
	front, coming := total(w.front), total(w.coming)
	perComing := aheadWeight / max(1, float64(len(w.coming)))
	var ties [][2]int
	least := math.Inf(1)
	for _, p := range w.here {
		for _, q := range w.router.next[p] {
			if len(w.partners[q]) > 0 && q < p {
				continue // seen from q
			}
			score := (front + w.change(w.partners, p, q) + perComing*(coming+w.change(w.later, p, q))) *
				max(w.decay[p], w.decay[q])
			if score < least-tie {
				least, ties = score, ties[:0]
			}
			if score < least+tie {
				ties = append(ties, [2]int{p, q})
			}
		}
	}
	return ties[w.rng.IntN(len(ties))]
}

// change returns by how much the distances to partners grow if p and q are exchanged.
func (w *walk) change(partners [][]int, p, q int) float64 {
	sum := 0
	for _, x := range partners[p] {
		if x != q {
			sum += w.distance[q][x] - w.distance[p][x]
		}
	}
	for _, x := range partners[q] {
		if x != p {
			sum += w.distance[p][x] - w.distance[q][x]
		}
	}
	return float64(sum)
}

// apply exchanges what two physical qubits hold.
func (w *walk) apply(s [2]int) {
	w.exchange(s)
	w.out.swaps++
	if w.moved++; w.moved >= decayReset {
		w.resetDecay()
	} else {
		w.decay[s[0]] += decayStep
		w.decay[s[1]] += decayStep
	}
	w.tried = append(w.tried, s)
	if w.record {
		o := swapOp
		o.a, o.b = s[0], s[1]
		w.out.ops = append(w.out.ops, o)
	}
}

func (w *walk) exchange(s [2]int) {
	for l, p := range w.at {
		switch p {
		case s[0]:
			w.at[l] = s[1]
		case s[1]:
			w.at[l] = s[0]
		}
	}
}

// force takes back the swaps that led nowhere and brings the closest operation together.
func (w *walk) force() {
	for _, s := range slices.Backward(w.tried) {
		w.exchange(s)
	}
	w.out.swaps -= len(w.tried)
	if w.record {
		w.out.ops = w.out.ops[:len(w.out.ops)-len(w.tried)]
	}
	w.tried = w.tried[:0]
	closest := slices.MinFunc(w.front, func(i, j int) int { return w.apart(i) - w.apart(j) })
	for w.apart(closest) > 1 {
		a, b := w.at[w.ops[closest].a], w.at[w.ops[closest].b]
		for _, q := range w.router.next[a] {
			if w.distance[q][b] < w.distance[a][b] {
				w.apply([2]int{a, q})
				break
			}
		}
	}
}

// apart returns the distance between the qubits of an operation.
func (w *walk) apart(i int) int { return w.distance[w.at[w.ops[i].a]][w.at[w.ops[i].b]] }
