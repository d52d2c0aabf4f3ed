package transpile

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/hqvit/hqvit/internal/splitmix"
)

const (
	maxEmbedding = 200_000 // steps of the search for a placement that needs no swap
	improvements = 4       // times forth and back before a placement is routed
	finalists    = 6       // placements that are simplified before the best of them is chosen
)

// embed returns a placement on which all operations of two qubits act on coupled pairs, nil if there is none
// or the search takes too long. It places the qubits one by one, each next to one that is placed.
func (r *router) embed(ops []op, n int) []int {
	wants := make([][]int, n)
	for i := range ops {
		if o := &ops[i]; o.two() && !slices.Contains(wants[o.a], o.b) {
			wants[o.a], wants[o.b] = append(wants[o.a], o.b), append(wants[o.b], o.a)
		}
	}
	order := searchOrder(wants)
	place, taken := make([]int, n), make([]bool, r.n)
	for q := range place {
		place[q] = -1
	}
	all := make([]int, r.n)
	for q := range all {
		all[q] = q
	}
	// candidates returns where the k-th qubit may go.
	candidates := func(k int) []int {
		q, from := order[k], all
		for _, p := range wants[q] {
			if place[p] >= 0 {
				from = r.next[place[p]]
				break
			}
		}
		var out []int
		for _, p := range from {
			if taken[p] || len(r.next[p]) < len(wants[q]) {
				continue
			}
			if !slices.ContainsFunc(wants[q], func(x int) bool {
				return place[x] >= 0 && r.distance[p][place[x]] != 1
			}) {
				out = append(out, p)
			}
		}
		return out
	}
	stack := [][]int{candidates(0)}
	for steps := 0; len(stack) > 0 && steps < maxEmbedding; steps++ {
		k := len(stack) - 1
		if q := order[k]; place[q] >= 0 {
			taken[place[q]], place[q] = false, -1
		}
		if len(stack[k]) == 0 {
			stack = stack[:k]
			continue
		}
		p := stack[k][0]
		stack[k] = stack[k][1:]
		place[order[k]], taken[p] = p, true
		if k+1 == n {
			return place
		}
		stack = append(stack, candidates(k+1))
	}
	return nil
}

// searchOrder returns the qubits with the most partners first, then those that have most partners before
// them; those without partners last.
func searchOrder(wants [][]int) []int {
	n := len(wants)
	placed, order := make([]bool, n), make([]int, 0, n)
	before := make([]int, n)
	for len(order) < n {
		best := -1
		for q := range n {
			if !placed[q] && (best < 0 || before[q] > before[best] ||
				before[q] == before[best] && len(wants[q]) > len(wants[best])) {
				best = q
			}
		}
		placed[best] = true
		order = append(order, best)
		for _, p := range wants[best] {
			before[p]++
		}
	}
	return order
}

// search returns the routes of several trials, those with the fewest swaps first. What comes out does not
// depend on the number of threads: each trial has random numbers of its own.
func (r *router) search(ops []op, n, trials, threads int, seed uint64) []route {
	reversed := slices.Clone(ops)
	slices.Reverse(reversed)
	var forth, back [2]*plan
	for k, commuting := range []bool{true, false} {
		forth[k], back[k] = newPlan(ops, n, commuting), newPlan(reversed, n, commuting)
	}
	routes := make([]route, trials)
	var wait sync.WaitGroup
	jobs := make(chan int)
	for range max(1, min(threads, trials)) {
		wait.Go(func() {
			for k := range jobs {
				source := splitmix.Source(splitmix.Mix(seed) ^ splitmix.Mix(uint64(k)))
				rng := rand.New(&source)
				placement := r.placement(n, k, rng)
				for range improvements {
					placement = r.route(forth[k%2], placement, rng, false).last
					placement = r.route(back[k%2], placement, rng, false).last
				}
				routes[k] = r.route(forth[k%2], placement, rng, true)
			}
		})
	}
	for k := range trials {
		jobs <- k
	}
	close(jobs)
	wait.Wait()
	slices.SortStableFunc(routes, func(a, b route) int { return cmp.Compare(a.swaps, b.swaps) })
	return routes
}

// placement returns where the k-th trial begins: the first with the qubits in order, the others in random
// order on qubits that hang together.
func (r *router) placement(n, k int, rng *rand.Rand) []int {
	if k == 0 {
		out := make([]int, n)
		for q := range out {
			out[q] = q
		}
		return out
	}
	region := []int{rng.IntN(r.n)}
	inside := make([]bool, r.n)
	inside[region[0]] = true
	for i := 0; len(region) < n; i++ {
		next := slices.Clone(r.next[region[i]])
		rng.Shuffle(len(next), func(a, b int) { next[a], next[b] = next[b], next[a] })
		for _, q := range next {
			if !inside[q] && len(region) < n {
				inside[q] = true
				region = append(region, q)
			}
		}
	}
	rng.Shuffle(n, func(a, b int) { region[a], region[b] = region[b], region[a] })
	return region
}
