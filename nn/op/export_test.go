package op

// LiveGraphs is the number of graphs whose identities are kept.
func LiveGraphs() int {
	counters.Lock()
	defer counters.Unlock()
	return len(counters.last)
}
