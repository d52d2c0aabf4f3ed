package train

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train/rundir"
)

// post is a transport between goroutines of a test that stand for ranks.
type post struct {
	rank, size int
	boxes      [][]chan []byte // from, to
	sent       *sync.Map       // bytes that each rank has sent
}

// posts returns a transport for each of some ranks.
func posts(size int) []*Ranks {
	boxes := make([][]chan []byte, size)
	for i := range boxes {
		boxes[i] = make([]chan []byte, size)
		for j := range boxes[i] {
			boxes[i][j] = make(chan []byte) // unbuffered: a Send waits for its Recv, so a wrong order hangs
		}
	}
	all, sent := make([]*Ranks, size), &sync.Map{}
	for i := range all {
		all[i] = &Ranks{world: &post{i, size, boxes, sent}, rank: i, size: size}
	}
	return all
}

func (p *post) Send(peer int, data []byte) error {
	n, _ := p.sent.LoadOrStore(p.rank, 0)
	p.sent.Store(p.rank, n.(int)+len(data))
	p.boxes[p.rank][peer] <- bytes.Clone(data)
	return nil
}

func (p *post) Recv(peer int, data []byte) error {
	got := <-p.boxes[peer][p.rank]
	if copy(data, got) != len(got) || len(got) != len(data) {
		return errors.Errorf("rank %d gets %d bytes of rank %d, want %d", p.rank, len(got), peer, len(data))
	}
	return nil
}

func (p *post) Exchange(peer int, send, recv []byte) error {
	if p.rank < peer {
		if err := p.Send(peer, send); err != nil {
			return err
		}
		return p.Recv(peer, recv)
	}
	mine := bytes.Clone(send)
	if err := p.Recv(peer, recv); err != nil {
		return err
	}
	return p.Send(peer, mine)
}

func (p *post) Broadcast(data []byte, root int) error {
	if p.rank != root {
		return p.Recv(root, data)
	}
	for peer := range p.size {
		if peer != root {
			if err := p.Send(peer, data); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *post) AllGather(send, recv []byte) error {
	copy(recv[p.rank*len(send):], send)
	for root := range p.size {
		if err := p.Broadcast(recv[root*len(send):(root+1)*len(send)], root); err != nil {
			return err
		}
	}
	return nil
}

// Every rank gets the sum of one process, to the last bit, however many leaves there are for however many
// ranks, and with as few bytes as the pattern of the powers of two needs.
func TestSumOverRanks(t *testing.T) {
	const size = 3
	for leaves := 1; leaves <= 33; leaves++ {
		for count := 1; count <= 10; count++ {
			members := posts(count)
			errs := make([]error, count)
			var group sync.WaitGroup
			for rank, r := range members {
				group.Go(func() { errs[rank] = sumOnce(r, size, leaves) })
			}
			group.Wait()
			for rank, err := range errs {
				if err != nil {
					t.Fatalf("%d leaves, rank %d of %d: %v", leaves, rank, count, err)
				}
			}
			if leaves != 32 || count&(count-1) != 0 {
				continue
			}
			rounds := 0
			for 1<<rounds < count {
				rounds++
			}
			for rank := range count {
				sent, _ := members[0].world.(*post).sent.LoadOrStore(rank, 0)
				if want := 2 * rounds * len(newPartial[float32](size).bytes()); sent != want {
					t.Errorf("rank %d of %d has sent %d bytes in two steps, want %d", rank, count, sent, want)
				}
			}
		}
	}
}

// sumOnce does a step of a rank, twice, and compares the sum.
func sumOnce(r *Ranks, size, leaves int) error {
	m, sum := &ranks[float32]{Ranks: r}, &tree[float32]{size: size}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for round := range 2 {
		own := m.share(leaves)
		sum.reset(leaves, own)
		var asked context.Context
		if round == 1 && r.rank == min(leaves, r.size)-1 { // one of those with leaves
			m.asked, m.cancel = ctx, func(error) {}
			asked = ctx
		}
		for i := own.to - 1; i >= own.from; i-- {
			p := sum.leaf()
			p.loss, p.correct, p.rows, p.stop = float64(leafValue(i)), i, 2, false
			for k := range p.grad {
				p.grad[k] = leafValue(i) * float32(k+1)
			}
			sum.add(i, p)
		}
		got, err := m.sum(sum)
		if err != nil {
			return err
		}
		want, correct := sumOfAll(size, leaves)
		for k := range want {
			if got.grad[k] != want[k] {
				return errors.Errorf("sum %v of element %d, want %v", got.grad[k], k, want[k])
			}
		}
		if got.correct != correct || got.rows != 2*leaves || got.stop != (round == 1) {
			return errors.Errorf("%d correct, %d rows, stop %v in round %d, asked %v", got.correct, got.rows,
				got.stop, round, asked != nil)
		}
		if n := len(sum.free); n > 12 {
			return errors.Errorf("%d partials are free", n)
		}
	}
	return nil
}

// sumOfAll is the tree of one process.
func sumOfAll(size, leaves int) (grad []float32, correct int) {
	sum := &tree[float32]{size: size}
	sum.reset(leaves, span{0, leaves})
	for i := range leaves {
		p := sum.leaf()
		p.correct = i
		for k := range p.grad {
			p.grad[k] = leafValue(i) * float32(k+1)
		}
		sum.add(i, p)
	}
	return sum.root.grad, sum.root.correct
}

func TestShares(t *testing.T) {
	for n := range 40 {
		for size := 1; size < 12; size++ {
			next := 0
			for rank := range size {
				s := shareOf(n, rank, size)
				if s.from != next || s.len() < n/size || s.len() > n/size+1 {
					t.Fatalf("rank %d of %d has %v of %d", rank, size, s, n)
				}
				for i := s.from; i < s.to; i++ {
					if got := ownerOf(i, n, size); got != rank {
						t.Fatalf("%d of %d is of rank %d of %d, not %d", i, n, got, size, rank)
					}
				}
				next = s.to
			}
			if next != n {
				t.Fatalf("%d ranks have %d of %d", size, next, n)
			}
		}
	}
}

func TestCollect(t *testing.T) {
	for _, length := range []int{0, 5, 5000} {
		members := posts(3)
		var group sync.WaitGroup
		for rank, r := range members {
			group.Go(func() {
				all, err := r.Collect(bytes.Repeat([]byte{byte(rank)}, length*rank))
				if err != nil {
					t.Error(err)
					return
				}
				for i, b := range all {
					if !bytes.Equal(b, bytes.Repeat([]byte{byte(i)}, length*i)) {
						t.Errorf("rank %d gets %d bytes of rank %d, want %d", rank, len(b), i, length*i)
					}
				}
			})
		}
		group.Wait()
	}
	if all, err := (*Ranks)(nil).Collect([]byte("a")); err != nil || len(all) != 1 || string(all[0]) != "a" {
		t.Errorf("one process collects %q, %v", all, err)
	}
}

// onRanks does a run with ranks that are goroutines, and returns the errors.
func onRanks(count int, loop func(r *Ranks) Loop) []error {
	errs := make([]error, count)
	var group sync.WaitGroup
	for rank, r := range posts(count) {
		group.Go(func() { _, errs[rank] = loop(r).Run(context.Background()) })
	}
	group.Wait()
	return errs
}

// Ranks that do not do the same are told so, and by which difference.
func TestRanksThatDiffer(t *testing.T) {
	values := make([]float32, 40*4)
	for i := range values {
		values[i] = float32(i%7) / 7
	}
	x := tensor.New(tensor.WithShape(40, 4), tensor.WithBacking(values))
	y := tensor.New(tensor.WithShape(40, 1), tensor.WithBacking(values[:40]))
	dir := t.TempDir()
	errs := onRanks(2, func(r *Ranks) Loop {
		recipe := DefaultRecipe()
		recipe.Epochs, recipe.Batch, recipe.Micro, recipe.LR, recipe.Loss = 1, 8, 2, 1e-3*float64(1+r.Rank()), "mse"
		return Loop{Model: nn.Linear{Out: 1}, Recipe: recipe, Threads: 1, Ranks: r, Dir: filepath.Join(dir, "run"),
			Train: Arrays{Inputs: []*tensor.Dense{x}, Values: y}}
	})
	for rank, err := range errs {
		if err == nil || !strings.Contains(err.Error(), "rank 1 does not do what the first does") ||
			!strings.Contains(err.Error(), "was") {
			t.Errorf("rank %d: %v, want the difference", rank, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "run", rundir.CheckpointFile)); err == nil {
		t.Error("a checkpoint is left behind")
	}
}

// A rank that runs another program sends what is no run: that is said, and not what JSON makes of it.
func TestRanksOfDifferentPrograms(t *testing.T) {
	x := tensor.New(tensor.WithShape(40, 4), tensor.WithBacking(make([]float32, 40*4)))
	y := tensor.New(tensor.WithShape(40, 1), tensor.WithBacking(make([]float32, 40)))
	recipe := DefaultRecipe()
	recipe.Epochs, recipe.Batch, recipe.Loss = 1, 8, "mse"
	for _, sent := range []string{"", "runs/mine", "\x00\x01"} {
		all := posts(2)
		var err, other error
		var group sync.WaitGroup
		group.Go(func() {
			_, err = Loop{Model: nn.Linear{Out: 1}, Recipe: recipe, Threads: 1, Ranks: all[0],
				Train: Arrays{Inputs: []*tensor.Dense{x}, Values: y}}.Run(context.Background())
		})
		group.Go(func() { _, other = all[1].Collect([]byte(sent)) })
		group.Wait()
		if other != nil || err == nil || !strings.Contains(err.Error(),
			"rank 1 does something else than train "+
				"this model: the ranks run different commands") {
			t.Errorf("%q: %v, %v", sent, err, other)
		}
	}
}
