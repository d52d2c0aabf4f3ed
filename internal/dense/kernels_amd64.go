package dense

// The sets of assembly kernels, for float32 and float64.
var (
	avx2Set32 = kernels[float32]{
		lanes: 8,
		packTransposed: func(rows, cols int, src []float32, ld int, dst []float32, padded int) {
			packBlocks(avx2Transpose32, 8, 4, rows, cols, src, ld, dst, padded)
		},
		workspaces:    &workspaces32,
		panel:         avx2Panel32,
		pack:          avx2Pack32,
		add:           avx2Add32,
		mul:           avx2Mul32,
		axpy:          avx2Axpy32,
		scale:         avx2Scale32,
		dot:           avx2Dot32,
		sumSquares:    avx2SumSquares32,
		colSum:        avx2ColSum32,
		exp:           avx2Exp32,
		erf:           avx2Erf32,
		gelu:          avx2GELU32,
		geluGrad:      avx2GELUGrad32,
		maximum:       avx2Maximum32,
		sumExp:        avx2SumExp32,
		softmax:       avx2Softmax32,
		softmaxGrad:   avx2SoftmaxGrad32,
		layerNorm:     avx2LayerNorm32,
		layerNormGrad: avx2LayerNormGrad32,
		adamW:         avx2AdamW32,
		fma:           avx2FMA32,
	}
	avx2Set64 = kernels[float64]{
		lanes: 4,
		packTransposed: func(rows, cols int, src []float64, ld int, dst []float64, padded int) {
			packBlocks(avx2Transpose64, 4, 2, rows, cols, src, ld, dst, padded)
		},
		workspaces:    &workspaces64,
		panel:         avx2Panel64,
		pack:          avx2Pack64,
		add:           avx2Add64,
		mul:           avx2Mul64,
		axpy:          avx2Axpy64,
		scale:         avx2Scale64,
		dot:           avx2Dot64,
		sumSquares:    avx2SumSquares64,
		colSum:        avx2ColSum64,
		exp:           avx2Exp64,
		erf:           avx2Erf64,
		gelu:          avx2GELU64,
		geluGrad:      avx2GELUGrad64,
		sincos:        avx2Sincos64,
		maximum:       avx2Maximum64,
		sumExp:        avx2SumExp64,
		softmax:       avx2Softmax64,
		softmaxGrad:   avx2SoftmaxGrad64,
		layerNorm:     avx2LayerNorm64,
		layerNormGrad: avx2LayerNormGrad64,
		adamW:         avx2AdamW64,
		fma:           avx2FMA64,
	}
	avx512Set32 = kernels[float32]{
		lanes: 16,
		packTransposed: func(rows, cols int, src []float32, ld int, dst []float32, padded int) {
			packBlocks(avx512Transpose32, 16, 4, rows, cols, src, ld, dst, padded)
		},
		workspaces:    &workspaces32,
		panel:         avx512Panel32,
		pack:          avx512Pack32,
		add:           avx512Add32,
		mul:           avx512Mul32,
		axpy:          avx512Axpy32,
		scale:         avx512Scale32,
		dot:           avx512Dot32,
		sumSquares:    avx512SumSquares32,
		colSum:        avx512ColSum32,
		exp:           avx512Exp32,
		erf:           avx512Erf32,
		gelu:          avx512GELU32,
		geluGrad:      avx512GELUGrad32,
		maximum:       avx512Maximum32,
		sumExp:        avx512SumExp32,
		softmax:       avx512Softmax32,
		softmaxGrad:   avx512SoftmaxGrad32,
		layerNorm:     avx512LayerNorm32,
		layerNormGrad: avx512LayerNormGrad32,
		adamW:         avx512AdamW32,
		fma:           avx512FMA32,
	}
	avx512Set64 = kernels[float64]{
		lanes: 8,
		packTransposed: func(rows, cols int, src []float64, ld int, dst []float64, padded int) {
			packBlocks(avx512Transpose64, 8, 2, rows, cols, src, ld, dst, padded)
		},
		workspaces:    &workspaces64,
		panel:         avx512Panel64,
		pack:          avx512Pack64,
		add:           avx512Add64,
		mul:           avx512Mul64,
		axpy:          avx512Axpy64,
		scale:         avx512Scale64,
		dot:           avx512Dot64,
		sumSquares:    avx512SumSquares64,
		colSum:        avx512ColSum64,
		exp:           avx512Exp64,
		erf:           avx512Erf64,
		gelu:          avx512GELU64,
		geluGrad:      avx512GELUGrad64,
		sincos:        avx512Sincos64,
		maximum:       avx512Maximum64,
		sumExp:        avx512SumExp64,
		softmax:       avx512Softmax64,
		softmaxGrad:   avx512SoftmaxGrad64,
		layerNorm:     avx512LayerNorm64,
		layerNormGrad: avx512LayerNormGrad64,
		adamW:         avx512AdamW64,
		fma:           avx512FMA64,
	}
)

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
