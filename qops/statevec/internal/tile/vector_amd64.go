package tile

import "github.com/hqvit/hqvit/internal/dense"

//go:generate go -C ../../../../internal/asm run . tile avx2
//go:generate go -C ../../../../internal/asm run . tile avx512

// kernelsFor returns the kernels for an instruction set, nil if there are none.
func kernelsFor(cpu string) (*kernels[float32], *kernels[float64]) {
	switch cpu {
	case "avx512":
		return &avx512Set32, &avx512Set64
	case "avx2":
		return &avx2Set32, &avx2Set64
	}
	return nil, nil
}

// The sets of assembly kernels.
var (
	avx2Set32 = kernels[float32]{
		width:              8,
		rotate:             avx2Rotate32,
		rotateReal:         avx2RotateReal32,
		rotateBackward:     avx2RotateBackward32,
		rotateRealBackward: avx2RotateRealBackward32,
		phase:              avx2Phase32,
		phaseByLane:        avx2PhaseByLane32,
		signs:              avx2Signs32,
		phaseBackward:      avx2PhaseBackward32,
		overlaps:           avx2Overlaps32,
		fold:               avx2Fold32,
		multiply:           avx2Multiply32,
		multiplyFour:       avx2MultiplyFour32,
		squares:            avx2Squares32,
		weigh:              avx2Weigh32,
		butterfly:          avx2Butterfly32,
		unfold:             avx2Unfold32,
		sumBlocks:          avx2SumBlocks32,
		walsh:              avx2Walsh32,
		pauli:              avx2Pauli32,
		addPauli:           avx2AddPauli32,
		inner:              avx2Inner32,
		addScaled:          avx2AddScaled32,
		widen:              avx2Widen32,
		narrow:             avx2Narrow32,
		rotateFused:        avx2RotateFused32,
		fusedMoments:       avx2FusedMoments32,
	}
	avx2Set64 = kernels[float64]{
		width:              4,
		rotate:             avx2Rotate64,
		rotateReal:         avx2RotateReal64,
		rotateBackward:     avx2RotateBackward64,
		rotateRealBackward: avx2RotateRealBackward64,
		phase:              avx2Phase64,
		phaseByLane:        avx2PhaseByLane64,
		signs:              avx2Signs64,
		phaseBackward:      avx2PhaseBackward64,
		overlaps:           avx2Overlaps64,
		fold:               avx2Fold64,
		multiply:           avx2Multiply64,
		multiplyFour:       avx2MultiplyFour64,
		squares:            avx2Squares64,
		weigh:              avx2Weigh64,
		butterfly:          avx2Butterfly64,
		unfold:             avx2Unfold64,
		sumBlocks:          avx2SumBlocks64,
		walsh:              avx2Walsh64,
		pauli:              avx2Pauli64,
		addPauli:           avx2AddPauli64,
		inner:              avx2Inner64,
		addScaled:          avx2AddScaled64,
		widen:              avx2Widen64,
		narrow:             avx2Narrow64,
		rotateFused:        avx2RotateFused64,
		fusedMoments:       avx2FusedMoments64,
	}
	avx512Set32 = kernels[float32]{
		width:               16,
		rotate:              avx512Rotate32,
		rotateReal:          avx512RotateReal32,
		rotateBackward:      avx512RotateBackward32,
		rotateRealBackward:  avx512RotateRealBackward32,
		phase:               avx512Phase32,
		phaseByLane:         avx512PhaseByLane32,
		signs:               avx512Signs32,
		phaseBackward:       avx512PhaseBackward32,
		overlaps:            avx512Overlaps32,
		fold:                avx512Fold32,
		multiply:            avx512Multiply32,
		multiplyFour:        avx512MultiplyFour32,
		squares:             avx512Squares32,
		weigh:               avx512Weigh32,
		butterfly:           avx512Butterfly32,
		unfold:              avx512Unfold32,
		sumBlocks:           avx512SumBlocks32,
		walsh:               avx512Walsh32,
		pauli:               avx512Pauli32,
		addPauli:            avx512AddPauli32,
		inner:               avx512Inner32,
		addScaled:           avx512AddScaled32,
		widen:               avx512Widen32,
		narrow:              avx512Narrow32,
		rotateFused:         avx512RotateFused32,
		rotateFusedBackward: avx512RotateFusedBackward32,
		moves:               true,
	}
	avx512Set64 = kernels[float64]{
		width:               8,
		rotate:              avx512Rotate64,
		rotateReal:          avx512RotateReal64,
		rotateBackward:      avx512RotateBackward64,
		rotateRealBackward:  avx512RotateRealBackward64,
		phase:               avx512Phase64,
		phaseByLane:         avx512PhaseByLane64,
		signs:               avx512Signs64,
		phaseBackward:       avx512PhaseBackward64,
		overlaps:            avx512Overlaps64,
		fold:                avx512Fold64,
		multiply:            avx512Multiply64,
		multiplyFour:        avx512MultiplyFour64,
		squares:             avx512Squares64,
		weigh:               avx512Weigh64,
		butterfly:           avx512Butterfly64,
		unfold:              avx512Unfold64,
		sumBlocks:           avx512SumBlocks64,
		walsh:               avx512Walsh64,
		pauli:               avx512Pauli64,
		addPauli:            avx512AddPauli64,
		inner:               avx512Inner64,
		addScaled:           avx512AddScaled64,
		widen:               avx512Widen64,
		narrow:              avx512Narrow64,
		rotateFused:         avx512RotateFused64,
		rotateFusedBackward: avx512RotateFusedBackward64,
		moves:               true,
	}
)

// moveRows loads or stores a line of each of as many states as a line has numbers, which begin at the
// pointers. It needs AVX-512, as does movePairs. Kernels are called by name so that the pointers stay on the
// stack.
func moveRows[T dense.Float](load bool, rows *[Lanes]*T, lay *Layout, blocks *T) {
	lines, columns, count := &lay.lines[0], &lay.columns[0], len(lay.lines)
	switch rows := any(rows).(type) {
	case *[Lanes]*float32:
		if blocks := any(blocks).(*float32); load {
			avx512LoadRows32(&rows[0], lines, columns, count, blocks)
		} else {
			avx512StoreRows32(&rows[0], lines, columns, count, blocks)
		}
	case *[Lanes]*float64:
		if blocks := any(blocks).(*float64); load {
			avx512LoadRows64(&rows[0], lines, columns, count, blocks)
		} else {
			avx512StoreRows64(&rows[0], lines, columns, count, blocks)
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
			avx512LoadPairs32(&lines[0], amp, place, count, re, im)
		} else {
			avx512StorePairs32(&lines[0], amp, place, count, re, im)
		}
	case *[Lanes]*float64:
		if re, im := any(re).(*float64), any(im).(*float64); load {
			avx512LoadPairs64(&lines[0], amp, place, count, re, im)
		} else {
			avx512StorePairs64(&lines[0], amp, place, count, re, im)
		}
	}
}
