package tile

// Pairing is how a real rotation of all amplitudes pairs the places of a tile.
type Pairing struct {
	other []int32 // by place: the other place of its pair
	high  []bool  // by place: whether it is the second of its pair
}

// NewPairing returns the pairing of a table of pairs, and false unless it has all places of a tile of that
// size.
func NewPairing(pairs []int32, size int) (Pairing, bool) {
	if len(pairs) != size {
		return Pairing{}, false
	}
	p := emptyPairing(size)
	for k := 0; k < size; k += 2 {
		lo, hi := pairs[k], pairs[k+1]
		p.other[lo], p.other[hi], p.high[hi] = hi, lo, true
	}
	return p, true
}

func emptyPairing(size int) Pairing {
	return Pairing{other: make([]int32, size), high: make([]bool, size)}
}

// byMask pairs the places that differ by a mask.
func (p *Pairing) byMask(mask int) {
	for x := range p.other {
		p.other[x] = int32(x ^ mask)
		p.high[x] = x^mask < x
	}
}

// Commutes tells whether going to the other place of a pair leaves the side in each of the other pairings,
// and the other way round: then the pairs of all of them make groups, and their rotations commute.
func (p *Pairing) Commutes(others []Pairing) bool {
	for x := range p.other {
		for i := range others {
			o := &others[i]
			y := p.other[x]
			sides := o.high[y] == o.high[x] && p.high[o.other[x]] == p.high[x]
			if !sides || o.other[y] != p.other[o.other[x]] {
				return false
			}
		}
	}
	return true
}

// Groups returns the places of the groups of up to three commuting pairings, eight places each: bit j of a
// number in the group says on which side of pairing j it is. Missing pairings are made up; the result is nil
// if none fits.
func Groups(pairings []Pairing, size int) []int32 {
	p := emptyPairing(size)
	for mask := 1; mask < size && len(pairings) < MaxFused; mask++ {
		if p.byMask(mask); p.Commutes(pairings) {
			pairings, p = append(pairings, p), emptyPairing(size)
		}
	}
	if len(pairings) < MaxFused {
		return nil
	}
	groups := make([]int32, 0, size)
	for x := range size {
		if pairings[0].high[x] || pairings[1].high[x] || pairings[2].high[x] {
			continue
		}
		for i := range groupSize {
			y := int32(x)
			for j := range pairings {
				if i>>j&1 == 1 {
					y = pairings[j].other[y]
				}
			}
			groups = append(groups, y)
		}
	}
	return groups
}
