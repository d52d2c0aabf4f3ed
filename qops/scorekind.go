package qops

import "github.com/hqvit/hqvit/internal/dense"

// finish writes the scores of head h of image i by their kind, without gain and scale, to tile.
func (s *scoreKernel[T]) finish(tile []T, i, h int) {
	if s.kind == ScoreSigned {
		copy(tile, s.pair(s.z[0], i, h))
		return
	}
	s.squares(tile, i, h)
	switch s.kind {
	case ScoreConditional:
		for j := range tile {
			tile[j] = (1 + tile[j]) / 2
		}
	case ScoreRowNormalized:
		n := s.patches(s.share, i, h)
		for r := range s.tokens {
			row := tile[r*s.tokens : (r+1)*s.tokens]
			dense.Scale(inverse(weigh(row, n)), row)
		}
	}
}

// finishGrad writes dz of head h of image i, without the factor slope·Gain·Scale, given the gradient to the
// result.
func (s *scoreKernel[T]) finishGrad(dout []T, factor T, i, h int) {
	switch s.kind {
	case ScoreSigned:
		copy(s.pair(s.dz[0], i, h), dout)
		return
	case ScoreRowNormalized:
		s.rowsGrad(dout, factor, i, h)
		dout = s.tile
	}
	for c := range s.parts {
		dense.Mul(s.pair(s.dz[c], i, h), s.pair(s.z[c], i, h), dout)
	}
}

// slope returns the constant of a kind's derivative: 2 of |z|², 1 of ½|z|² and of z.
func (s *scoreKernel[T]) slope() T {
	if s.kind == ScoreOverlap || s.kind == ScoreRowNormalized {
		return 2
	}
	return 1
}

// squares writes |z|².
func (s *scoreKernel[T]) squares(tile []T, i, h int) {
	z := s.pair(s.z[0], i, h)
	dense.Mul(tile, z, z)
	if s.parts == 2 {
		z = s.pair(s.z[1], i, h)
		dense.Mul(s.imag, z, z)
		dense.Add(tile, tile, s.imag)
	}
}

// rowsGrad writes to tile the gradient to ρ, without the factor, and to dshare that to the shares n, of the
// row-normalised score R_rj = n_j(1+ρ_rj)/N_r: with g the gradient to R and c_r = Σ_j g_rj R_rj, they are
// n_j(g_rj−c_r)/N_r and Σ_r (1+ρ_rj)(g_rj−c_r)/N_r.
func (s *scoreKernel[T]) rowsGrad(dout []T, factor T, i, h int) {
	n, dn := s.patches(s.share, i, h), s.patches(s.dshare, i, h)
	s.squares(s.tile, i, h)
	clear(dn)
	for r := range s.tokens {
		rho, g := s.tile[r*s.tokens:(r+1)*s.tokens], dout[r*s.tokens:(r+1)*s.tokens]
		var total, mean T
		for j, v := range rho {
			total += n[j] * (1 + v)
			mean += g[j] * n[j] * (1 + v)
		}
		part := inverse(total)
		mean *= part
		for j, v := range rho {
			d := (g[j] - mean) * part
			dn[j] += factor * (1 + v) * d
			rho[j] = n[j] * d
		}
	}
}

// weigh replaces ρ_j by n_j(1+ρ_j) and returns their sum.
func weigh[T dense.Float](rho, n []T) (total T) {
	for j, v := range rho {
		rho[j] = n[j] * (1 + v)
		total += rho[j]
	}
	return total
}

// inverse returns 1/x, and 0 for the total of an image of zeros.
func inverse[T dense.Float](x T) T {
	if x == 0 {
		return 0
	}
	return 1 / x
}

// setShares writes n_j = ‖x_j‖²/Σ_k ‖x_k‖² from the norms of the patches.
func (s *scoreKernel[T]) setShares(i, h int) {
	n, norms := s.patches(s.share, i, h), s.patches(s.norms, i, h)
	var largest, total T
	for _, v := range norms {
		largest = max(largest, v)
	}
	for j, v := range norms {
		n[j] = v * inverse(largest)
		n[j] *= n[j]
		total += n[j]
	}
	dense.Scale(inverse(total), n)
}

// addSharesGrad adds to dx what reaches it through the shares: 2(n_j/‖x_j‖)(dn_j − Σ_k n_k dn_k) ê_j.
func (s *scoreKernel[T]) addSharesGrad(dx []T, i, h int) {
	n, dn, norms := s.patches(s.share, i, h), s.patches(s.dshare, i, h), s.patches(s.norms, i, h)
	mean := dense.Dot(n, dn)
	for j := range n {
		along := 2 * n[j] * inverse(norms[j]) * (dn[j] - mean)
		dense.Axpy(along, s.group(s.unit, i, h, j).row(0), s.group(dx, i, h, j).row(0))
	}
}

// patches returns the T values, one for each patch, of head h of image i.
func (s *scoreKernel[T]) patches(values []T, i, h int) []T {
	from := (i*s.heads + h) * s.tokens
	return values[from : from+s.tokens]
}
