package tile

import "github.com/hqvit/hqvit/internal/dense"

// kernelsFor returns the kernels for an instruction set, nil if there are none.
func kernelsFor(cpu string) (*kernels[float32], *kernels[float64]) {
	if cpu == "neon" {
		return &neonSet32, &neonSet64
	}
	return nil, nil
}

// The sets of assembly kernels.
var (
	neonSet32 = kernels[float32]{
		width:               16, // of four registers
		rotate:              neonRotate32,
		rotateReal:          neonRotateReal32,
		rotateBackward:      neonRotateBackward32,
		rotateRealBackward:  neonRotateRealBackward32,
		phase:               neonPhase32,
		phaseByLane:         neonPhaseByLane32,
		signs:               neonSigns32,
		phaseBackward:       neonPhaseBackward32,
		overlaps:            neonOverlaps32,
		fold:                neonFold32,
		multiply:            neonMultiply32,
		multiplyFour:        neonMultiplyFour32,
		squares:             neonSquares32,
		weigh:               neonWeigh32,
		butterfly:           neonButterfly32,
		unfold:              neonUnfold32,
		sumBlocks:           neonSumBlocks32,
		walsh:               neonWalsh32,
		pauli:               neonPauli32,
		addPauli:            neonAddPauli32,
		inner:               neonInner32,
		addScaled:           neonAddScaled32,
		widen:               neonWiden32,
		narrow:              neonNarrow32,
		rotateFused:         neonRotateFused32,
		rotateFusedBackward: neonRotateFusedBackward32,
		moves:               true,
	}
	neonSet64 = kernels[float64]{
		width:               8, // of four registers
		rotate:              neonRotate64,
		rotateReal:          neonRotateReal64,
		rotateBackward:      neonRotateBackward64,
		rotateRealBackward:  neonRotateRealBackward64,
		phase:               neonPhase64,
		phaseByLane:         neonPhaseByLane64,
		signs:               neonSigns64,
		phaseBackward:       neonPhaseBackward64,
		overlaps:            neonOverlaps64,
		fold:                neonFold64,
		multiply:            neonMultiply64,
		multiplyFour:        neonMultiplyFour64,
		squares:             neonSquares64,
		weigh:               neonWeigh64,
		butterfly:           neonButterfly64,
		unfold:              neonUnfold64,
		sumBlocks:           neonSumBlocks64,
		walsh:               neonWalsh64,
		pauli:               neonPauli64,
		addPauli:            neonAddPauli64,
		inner:               neonInner64,
		addScaled:           neonAddScaled64,
		widen:               neonWiden64,
		narrow:              neonNarrow64,
		rotateFused:         neonRotateFused64,
		rotateFusedBackward: neonRotateFusedBackward64,
		moves:               true,
	}
)

// moveRows loads or stores a line of each of as many states as a line has numbers, which begin at the
// pointers. Kernels are called by name so that the pointers stay on the
// stack.
func moveRows[T dense.Float](load bool, rows *[Lanes]*T, lay *Layout, blocks *T) {
	lines, columns, count := &lay.lines[0], &lay.columns[0], len(lay.lines)
	switch rows := any(rows).(type) {
	case *[Lanes]*float32:
		if blocks := any(blocks).(*float32); load {
			neonLoadRows32(&rows[0], lines, columns, count, blocks)
		} else {
			neonStoreRows32(&rows[0], lines, columns, count, blocks)
		}
	case *[Lanes]*float64:
		if blocks := any(blocks).(*float64); load {
			neonLoadRows64(&rows[0], lines, columns, count, blocks)
		} else {
			neonStoreRows64(&rows[0], lines, columns, count, blocks)
		}
	}
}

// movePairs loads or stores amplitudes whose lanes are neighbours, in lines that begin at the pointers for
// amplitude 0, to or from the blocks of their parts.
func movePairs[T dense.Float](load bool, lines *[Lanes]*T, lay *Layout, re, im *T) {
	amp, place, count := &lay.amp[0], &lay.place[0], len(lay.amp)
	switch lines := any(lines).(type) {
	case *[Lanes]*float32:
		if re, im := any(re).(*float32), any(im).(*float32); load {
			neonLoadPairs32(&lines[0], amp, place, count, re, im)
		} else {
			neonStorePairs32(&lines[0], amp, place, count, re, im)
		}
	case *[Lanes]*float64:
		if re, im := any(re).(*float64), any(im).(*float64); load {
			neonLoadPairs64(&lines[0], amp, place, count, re, im)
		} else {
			neonStorePairs64(&lines[0], amp, place, count, re, im)
		}
	}
}
