package tile

// Multiply multiplies each group of dim amplitudes by a constant matrix given by its parts mr and mi; mi is
// nil for real states. It uses 2·dim blocks of scratch.
func (s *States[T]) Multiply(groups []int32, dim int, mr, mi []T, scratch []Block[T]) {
	re, im := s.Re, s.Im
	for ; len(groups) >= dim; groups = groups[dim:] {
		for r := range dim {
			sr, si := &scratch[r], &scratch[dim+r]
			*sr, *si = Block[T]{}, Block[T]{}
			for c := range dim {
				ar, x := &re[groups[c]], mr[r*dim+c]
				for l := range Lanes {
					sr[l] += x * ar[l]
				}
				if im == nil {
					continue
				}
				ai, y := &im[groups[c]], mi[r*dim+c]
				for l := range Lanes {
					sr[l] -= y * ai[l]
					si[l] += x*ai[l] + y*ar[l]
				}
			}
		}
		for r := range dim {
			re[groups[r]] = scratch[r]
			if im != nil {
				im[groups[r]] = scratch[dim+r]
			}
		}
	}
}
