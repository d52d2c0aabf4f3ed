package dense

import "math"

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
		add:           genericAdd[float32],
		mul:           genericMul[float32],
		axpy:          genericAxpy[float32],
		scale:         genericScale[float32],
		dot:           genericDot[float32],
		sumSquares:    genericSumSquares[float32],
		colSum:        genericColSum[float32],
		exp:           func(x, y []float32) { apply(math.Exp, x, y) },
		erf:           func(x, y []float32) { apply(math.Erf, x, y) },
		gelu:          func(x, y []float32) { apply(func(v float64) float64 { return v * normal(v) }, x, y) },
		geluGrad:      genericGELUGrad[float32],
		maximum:       genericMaximum[float32],
		sumExp:        genericSumExp[float32],
		softmax:       genericSoftmax[float32],
		softmaxGrad:   genericSoftmaxGrad[float32],
		layerNorm:     genericLayerNorm[float32],
		layerNormGrad: genericLayerNormGrad[float32],
		adamW:         genericAdamW[float32],
		fma:           genericFMA[float32],
	}
	neonSet64 = kernels[float64]{
		lanes: 4, // of two registers
		packTransposed: func(rows, cols int, src []float64, ld int, dst []float64, padded int) {
			packBlocks(neonTranspose64, 2, 2, rows, cols, src, ld, dst, padded)
		},
		workspaces:    &workspaces64,
		panel:         neonPanel64,
		pack:          neonPack64,
		add:           genericAdd[float64],
		mul:           genericMul[float64],
		axpy:          genericAxpy[float64],
		scale:         genericScale[float64],
		dot:           genericDot[float64],
		sumSquares:    genericSumSquares[float64],
		colSum:        genericColSum[float64],
		exp:           func(x, y []float64) { apply(math.Exp, x, y) },
		erf:           func(x, y []float64) { apply(math.Erf, x, y) },
		gelu:          func(x, y []float64) { apply(func(v float64) float64 { return v * normal(v) }, x, y) },
		geluGrad:      genericGELUGrad[float64],
		maximum:       genericMaximum[float64],
		sumExp:        genericSumExp[float64],
		softmax:       genericSoftmax[float64],
		softmaxGrad:   genericSoftmaxGrad[float64],
		layerNorm:     genericLayerNorm[float64],
		layerNormGrad: genericLayerNormGrad[float64],
		adamW:         genericAdamW[float64],
		fma:           genericFMA[float64],
	}
)
