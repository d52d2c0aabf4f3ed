package qops

import "github.com/hqvit/hqvit/internal/dense"

// read writes the reading of head h of image i, without gain and scale, to tile.
func (b *bilinear[T]) read(tile []T, i, h int) {
	if b.reading == Signed {
		copy(tile, b.pair(b.z[0], i, h))
		return
	}
	b.squares(tile, i, h)
	switch b.reading {
	case Conditional:
		for j := range tile {
			tile[j] = (1 + tile[j]) / 2
		}
	case RowNormalised:
		n := b.shareOf(b.share, i, h)
		for r := range b.tokens {
			row := tile[r*b.tokens : (r+1)*b.tokens]
			dense.Scale(inverse(weigh(row, n)), row)
		}
	}
}

// readGrad writes dz of head h of image i, but for the factor slope·Gain·Scale, given the gradient to the result.
func (b *bilinear[T]) readGrad(dout []T, factor T, i, h int) {
	switch b.reading {
	case Signed:
		copy(b.pair(b.dz[0], i, h), dout)
		return
	case RowNormalised:
		b.rowsGrad(dout, factor, i, h)
		dout = b.tile
	}
	for c := range b.parts {
		dense.Mul(b.pair(b.dz[c], i, h), b.pair(b.z[c], i, h), dout)
	}
}

// slope returns the constant of a reading's derivative: 2 of |z|², 1 of ½|z|² and of z.
func (b *bilinear[T]) slope() T {
	if b.reading == Coefficient || b.reading == RowNormalised {
		return 2
	}
	return 1
}

// squares writes |z|².
func (b *bilinear[T]) squares(tile []T, i, h int) {
	z := b.pair(b.z[0], i, h)
	dense.Mul(tile, z, z)
	if b.parts == 2 {
		z = b.pair(b.z[1], i, h)
		dense.Mul(b.second, z, z)
		dense.Add(tile, tile, b.second)
	}
}

// rowsGrad writes to tile the gradient to ρ, but for the factor, and to dshare that to the shares n, of the row-normalised reading
// R_rj = n_j(1+ρ_rj)/N_r: with g the gradient to R and c_r = Σ_j g_rj R_rj, they are n_j(g_rj−c_r)/N_r and Σ_r (1+ρ_rj)(g_rj−c_r)/N_r.
func (b *bilinear[T]) rowsGrad(dout []T, factor T, i, h int) {
	n, dn := b.shareOf(b.share, i, h), b.shareOf(b.dshare, i, h)
	b.squares(b.tile, i, h)
	clear(dn)
	for r := range b.tokens {
		rho, g := b.tile[r*b.tokens:(r+1)*b.tokens], dout[r*b.tokens:(r+1)*b.tokens]
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

// shares writes n_j = ‖x_j‖²/Σ_k ‖x_k‖² from the norms of the patches.
func (b *bilinear[T]) shares(i, h int) {
	n, norms := b.shareOf(b.share, i, h), b.shareOf(b.norms, i, h)
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

// sharesGrad adds to dx what reaches it through the shares: 2(n_j/‖x_j‖)(dn_j − Σ_k n_k dn_k) ê_j.
func (b *bilinear[T]) sharesGrad(dx []T, i, h int) {
	n, dn, norms := b.shareOf(b.share, i, h), b.shareOf(b.dshare, i, h), b.shareOf(b.norms, i, h)
	mean := dense.Dot(n, dn)
	for j := range n {
		along := 2 * n[j] * inverse(norms[j]) * (dn[j] - mean)
		dense.Axpy(along, b.group(b.unit, i, h, j).row(0), b.group(dx, i, h, j).row(0))
	}
}

// shareOf returns the T values of head h of image i.
func (b *bilinear[T]) shareOf(s []T, i, h int) []T {
	at := (i*b.heads + h) * b.tokens
	return s[at : at+b.tokens]
}
