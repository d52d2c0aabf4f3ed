package dense

// The sets of assembly kernels, for float32 and float64.
var (
	neonSet32 = kernels[float32]{
		lanes: 8, // of two registers
		packTransposed: func(rows, cols int, src []float32, ld int, dst []float32, padded int) {
			packBlocks(neonTranspose32, 4, 4, rows, cols, src, ld, dst, padded)
		},
		workspaces:    &workspaces32,
		panel:         neonPanel32,
		pack:          neonPack32,
		add:           neonAdd32,
		mul:           neonMul32,
		axpy:          neonAxpy32,
		scale:         neonScale32,
		dot:           neonDot32,
		sumSquares:    neonSumSquares32,
		colSum:        neonColSum32,
		exp:           neonExp32,
		erf:           neonErf32,
		gelu:          neonGELU32,
		geluGrad:      neonGELUGrad32,
		maximum:       neonMaximum32,
		sumExp:        neonSumExp32,
		softmax:       neonSoftmax32,
		softmaxGrad:   neonSoftmaxGrad32,
		layerNorm:     neonLayerNorm32,
		layerNormGrad: neonLayerNormGrad32,
		adamW:         neonAdamW32,
		fma:           neonFMA32,
	}
	neonSet64 = kernels[float64]{
		lanes: 4, // of two registers
		packTransposed: func(rows, cols int, src []float64, ld int, dst []float64, padded int) {
			packBlocks(neonTranspose64, 2, 2, rows, cols, src, ld, dst, padded)
		},
		workspaces:    &workspaces64,
		panel:         neonPanel64,
		pack:          neonPack64,
		add:           neonAdd64,
		mul:           neonMul64,
		axpy:          neonAxpy64,
		scale:         neonScale64,
		dot:           neonDot64,
		sumSquares:    neonSumSquares64,
		colSum:        neonColSum64,
		exp:           neonExp64,
		erf:           neonErf64,
		gelu:          neonGELU64,
		geluGrad:      neonGELUGrad64,
		maximum:       neonMaximum64,
		sumExp:        neonSumExp64,
		softmax:       neonSoftmax64,
		softmaxGrad:   neonSoftmaxGrad64,
		layerNorm:     neonLayerNorm64,
		layerNormGrad: neonLayerNormGrad64,
		adamW:         neonAdamW64,
		fma:           neonFMA64,
		sincos:        neonSincos64,
	}
)
