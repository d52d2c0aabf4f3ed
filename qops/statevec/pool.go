package statevec

import "sync"

// pool runs loops on a fixed number of threads. Starting them allocates nothing.
type pool struct {
	count  int
	body   func(worker, item int)
	starts []func()
	group  sync.WaitGroup
}

func newPool(threads int) *pool {
	p := &pool{}
	for i := range max(1, threads) {
		p.starts = append(p.starts, func() {
			p.share(i)
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
		p.share(0)
	}
	p.group.Wait()
	p.body = nil
}

func (p *pool) used() int { return min(len(p.starts), p.count) }

func (p *pool) share(i int) {
	used := p.used()
	for item := i * p.count / used; item < (i+1)*p.count/used; item++ {
		p.body(i, item)
	}
}
