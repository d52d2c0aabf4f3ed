package statevec

// slab hands out slices from a few large allocations. A plan of 100,000 gates has a million small parts,
// which cost the garbage collector as much as all the rest of compiling them if each is an allocation of its
// own.
type slab[T any] struct {
	free []T
	size int // of the last allocation
}

// take returns n zero values.
func (s *slab[T]) take(n int) []T {
	if len(s.free) < n {
		s.size = min(max(8, 2*s.size), 1024)
		s.free = make([]T, max(n, s.size))
	}
	out := s.free[:n:n]
	s.free = s.free[n:]
	return out
}

// copy returns a copy of the values.
func (s *slab[T]) copy(values ...T) []T {
	out := s.take(len(values))
	copy(out, values)
	return out
}
