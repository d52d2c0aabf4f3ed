//go:build amd64 || arm64

package dense

// packBlocks transposes the whole blocks of high×wide elements with the kernel and what remains at the right
// and at the bottom one by one.
func packBlocks[T Float](kernel func(rows, cols int, src []T, ld int, dst []T, padded int),
	high, wide, rows, cols int, src []T, ld int, dst []T, padded int) {
	r, c := rows-rows%high, cols-cols%wide
	if r > 0 && c > 0 {
		kernel(r, c, src, ld, dst, padded)
	}
	if c < cols {
		genericPackTransposed(r, cols-c, src[c:], ld, dst[c*padded:], padded)
	}
	if r < rows {
		genericPackTransposed(rows-r, cols, src[r*ld:], ld, dst[r:], padded)
	}
}
