package train

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// leafValue is a number whose sums depend on the order of addition.
func leafValue(i int) float32 { return 1 / float32(3*i+1) }

// bySplitting is the sum that the tree is defined to give, written down recursively: the left part of a node
// is a power of two of leaves.
func bySplitting(from, to int) float32 {
	if to-from == 1 {
		return leafValue(from)
	}
	half := 1
	for 2*half < to-from {
		half *= 2
	}
	return bySplitting(from, from+half) + bySplitting(from+half, to)
}

func TestTreeSumDoesNotDependOnTheOrderOfArrival(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	sum := tree[float32]{size: 1}
	for leaves := 1; leaves <= 40; leaves++ {
		for range 20 {
			sum.reset(leaves, span{0, leaves})
			for _, i := range random.Perm(leaves) {
				p := sum.leaf()
				p.loss, p.correct, p.rows = 0.5, 1, 2
				p.grad[0] = leafValue(i)
				sum.add(i, p)
			}
			got := sum.root
			if want := bySplitting(0, leaves); got.grad[0] != want {
				t.Fatalf("%d leaves: sum %v, want %v", leaves, got.grad[0], want)
			}
			if got.loss != float64(leaves)/2 || got.correct != leaves || got.rows != 2*leaves {
				t.Fatalf("%d leaves: loss %v, correct %d, rows %d", leaves, got.loss, got.correct, got.rows)
			}
		}
	}
}

func TestTreeHoldsFewPartials(t *testing.T) {
	const threads, leaves = 4, 1024
	sum := tree[float32]{size: 1}
	sum.reset(leaves, span{0, leaves})
	next := make(chan int)
	var workers sync.WaitGroup
	for range threads {
		workers.Go(func() {
			for i := range next {
				p := sum.leaf()
				p.grad[0] = leafValue(i)
				sum.add(i, p)
			}
		})
	}
	for i := range leaves {
		next <- i
	}
	close(next)
	workers.Wait()
	if got, want := sum.root.grad[0], bySplitting(0, leaves); got != want {
		t.Errorf("sum %v, want %v", got, want)
	}
	if made := len(sum.free) + 1; made > threads*11 {
		t.Errorf("%d partials were made for %d threads and %d leaves", made, threads, leaves)
	}
	if slices.Contains(sum.free, sum.root) {
		t.Error("the root is among the free partials")
	}
}
