package statevec

import "sync"

// pool runs loops on a fixed number of threads. Starting them allocates nothing.
type pool struct {
	count  int
	body   func(worker, item int)
	starts []func()
	group  sync.WaitGroup
}

// maxThreads bounds the threads of a pool: each costs memory, whether the machine has a core for it or not.
const maxThreads = 256

func newPool(threads int) *pool {
	p := &pool{}
	for i := range min(max(1, threads), maxThreads) {
		p.starts = append(p.starts, func() {
			p.run(i)
			p.group.Done()
		})
	}
	return p
}

// each calls body for every item, each worker taking one run of them.
func (p *pool) each(count int, body func(worker, item int)) {
	p.count, p.body = count, body
	for i := 1; i < p.used(); i++ {
		p.group.Add(1)
		go p.starts[i]()
	}
	if count > 0 {
		p.run(0)
	}
	p.group.Wait()
	p.body = nil
}

func (p *pool) used() int { return min(len(p.starts), p.count) }

// run calls body for the items of a worker.
func (p *pool) run(worker int) {
	used := p.used()
	for item := worker * p.count / used; item < (worker+1)*p.count/used; item++ {
		p.body(worker, item)
	}
}
