package tile

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/hqvit/hqvit/internal/dense"
)

// kernelData is one random tile for every kernel: 12 places, three pairs among them, three classes.
type kernelData[T dense.Float] struct {
	psi, lam States[T]
	u        Matrix2[T]
	sums     []Block[T]
	fused    Fused[T]
	phases   []T
}

var (
	kernelPairs = []int32{5, 1, 0, 7, 11, 3}
	kernelGroup = []int32{5, 1, 0, 7, 11, 3, 2, 10}
	kernelClass = []int32{0, 2, 1, 1, 0, 2, 2, 0, 1, 0, 0, 1}
)

func newKernelData[T dense.Float]() *kernelData[T] {
	rng := rand.New(rand.NewPCG(1, 1))
	randomize := func(blocks []Block[T]) {
		for i := range blocks {
			for l := range blocks[i] {
				blocks[i][l] = T(rng.NormFloat64())
			}
		}
	}
	size := len(kernelClass)
	d := &kernelData[T]{psi: NewStates[T](size, false), lam: NewStates[T](size, false),
		sums: make([]Block[T], 4), phases: make([]T, 3*2*Lanes)}
	fused := &d.fused
	for _, blocks := range [][]Block[T]{
		d.psi.all, d.lam.all, d.u[:], fused.shear[:], fused.Moments[:], d.sums,
	} {
		randomize(blocks)
	}
	for j := range d.fused.full {
		randomize(d.fused.full[j][:])
	}
	for i := range d.phases {
		d.phases[i] = T(rng.NormFloat64())
	}
	return d
}

// numbers returns all that a kernel may have changed.
func (d *kernelData[T]) numbers() (out []T) {
	for _, blocks := range [][]Block[T]{d.psi.all, d.lam.all, d.sums, d.fused.Moments[:]} {
		for _, b := range blocks {
			out = append(out, b[:]...)
		}
	}
	return out
}

// flat returns the numbers of neighbouring blocks.
func flat[T dense.Float](blocks []Block[T]) []T {
	return unsafe.Slice(&blocks[0][0], Lanes*len(blocks))
}

// TestAssembly compares every assembly kernel of this machine with plain Go, for both element types.
func TestAssembly(t *testing.T) {
	for _, cpu := range kernelSets()[1:] {
		t.Run(cpu, func(t *testing.T) {
			useKernels(t, cpu)
			testAssembly[float32](t, cpu, 1e-5)
			testAssembly[float64](t, cpu, 1e-14)
		})
	}
}

func testAssembly[T dense.Float](t *testing.T, cpu string, tol float64) {
	fused := func(forms int) func(d *kernelData[T]) {
		return func(d *kernelData[T]) {
			d.fused.forms = forms
			d.psi.RotateFused(kernelGroup, &d.fused)
		}
	}
	fusedBackward := func(forms int) func(d *kernelData[T]) {
		return func(d *kernelData[T]) {
			d.fused.forms = forms
			RotateFusedBackward(&d.psi, &d.lam, kernelGroup, &d.fused)
		}
	}
	multiply := func(dim int, groups []int32) func(d *kernelData[T]) {
		return func(d *kernelData[T]) {
			m := NewDense[T](dim)
			for r := range dim {
				for c := range dim {
					m.Set(r, c, complex(float64(d.lam.Re[r][c]), float64(d.lam.Im[r][c])))
				}
			}
			d.psi.Multiply(groups, m)
		}
	}
	for name, run := range map[string]func(d *kernelData[T]){
		"Multiply 4": multiply(4, kernelGroup),
		"Multiply 8": multiply(8, kernelGroup),
		"Rotate":     func(d *kernelData[T]) { d.psi.Rotate(kernelPairs, &d.u) },
		"RotateReal": func(d *kernelData[T]) { d.psi.RotateReal(kernelPairs, &d.u) },
		"RotateBackward": func(d *kernelData[T]) {
			RotateBackward(&d.psi, &d.lam, kernelPairs, &d.u, (*Moments[T])(d.sums))
		},
		"RotateRealBackward": func(d *kernelData[T]) {
			RotateRealBackward(&d.psi, &d.lam, kernelPairs, &d.u, (*Moments[T])(d.sums))
		},
		"PhaseByLane": func(d *kernelData[T]) { d.psi.PhaseByLane(kernelClass, d.phases) },
		"PhaseByLaneBackward": func(d *kernelData[T]) {
			PhaseByLaneBackward(&d.psi, &d.lam, kernelClass, d.phases, d.sums)
		},
		"Signs": func(d *kernelData[T]) { d.psi.Signs(kernelClass, d.phases) },
		"Phase": func(d *kernelData[T]) { d.psi.Phase(kernelClass, d.phases) },
		"PhaseBackward": func(d *kernelData[T]) {
			PhaseBackward(&d.psi, &d.lam, kernelClass, d.phases, d.sums)
		},
		"fold":        func(d *kernelData[T]) { Fold(d.psi.Re[:8], &d.sums[0]) },
		"Unfold":      func(d *kernelData[T]) { Unfold(d.psi.Re[:8], &d.sums[0]) },
		"Butterfly":   func(d *kernelData[T]) { Butterfly(d.psi.Re[:8]) },
		"SumBlocks":   func(d *kernelData[T]) { SumBlocks(d.psi.Re[:7], &d.sums[1]) },
		"Walsh":       func(d *kernelData[T]) { Walsh(d.psi.Re[1:4]) },
		"Squares":     func(d *kernelData[T]) { Squares(flat(d.psi.Re), d.lam.Re[:6]) },
		"Weigh":       func(d *kernelData[T]) { Weigh(d.psi.Im[:6], flat(d.psi.Re), flat(d.lam.Re)) },
		"addOverlaps": func(d *kernelData[T]) { addOverlaps(&d.psi, &d.lam, kernelClass, d.sums) },

		"RotateFused 1, 2, 3":         fused(tangent | cotangent<<2 | full<<4),
		"RotateFused 2, 3, 0":         fused(cotangent | full<<2),
		"RotateFusedBackward 3, 1, 2": fusedBackward(full | tangent<<2 | cotangent<<4),
		"nothing":                     func(d *kernelData[T]) { d.psi.Rotate(nil, &d.u) },
	} {
		var results [2][]T
		for i, set := range []string{"generic", cpu} {
			kernels32, kernels64 = kernelsFor(set)
			d := newKernelData[T]()
			run(d)
			results[i] = d.numbers()
		}
		for i, want := range results[0] {
			diff, limit := math.Abs(float64(results[1][i]-want)), tol*max(1, math.Abs(float64(want)))
			if !(diff <= limit) {
				t.Errorf("%T %s: number %d is %v, plain Go says %v", want, name, i, results[1][i], want)
				break
			}
		}
	}
}

// TestTiles loads and stores tiles of every form: lanes in rows far apart, neighbouring lanes, too few lanes,
// amplitudes out of order.
func TestTiles(t *testing.T) {
	for _, cpu := range []string{"generic", dense.CPU()} {
		old32, old64 := kernels32, kernels64
		kernels32, kernels64 = kernelsFor(cpu)
		testTiles[float32](t, false)
		testTiles[float32](t, true)
		testTiles[float64](t, false)
		testTiles[float64](t, true)
		kernels32, kernels64 = old32, old64
	}
}

func testTiles[T dense.Float](t *testing.T, real bool) {
	const qubits = 10
	width := 2
	if real {
		width = 1
	}
	src := make([]T, width<<qubits)
	for i := range src {
		src[i] = T(i + 1)
	}
	for name, active := range map[string][]int{
		"rows": {5, 6, 7, 8, 9}, "neighbours": {0, 1, 2, 3, 4, 5}, "strided": {0, 2, 4, 6, 8},
	} {
		for _, count := range []int{Lanes, 10, 3} {
			amp := amplitudes(active, qubits)
			var others []int
			for q := qubits - 1; q >= 0 && len(others) < 4; q-- {
				if !slices.Contains(active, q) {
					others = append([]int{q}, others...)
				}
			}
			at := Position{Count: count}
			for l, a := range amplitudes(others, qubits)[:count] {
				at.Base[l] = int(a)
			}
			place := make([]int32, len(amp)) // a permutation without pattern
			for j := range place {
				place[j] = int32((j*11 + 3) % len(amp))
			}
			p := NewStates[T](len(amp), real)
			p.Re[0][Lanes-1] = 99 // a leftover
			lay := NewLayout[T](amp, place, real, len(amp), nil)
			p.Load(src, &lay, &at)
			for j, a := range amp {
				for l := range Lanes {
					var wantRe, wantIm T
					if l < count {
						k := width * (at.Base[l] + int(a))
						wantRe, wantIm = src[k], src[k+width-1]
					}
					if p.Re[place[j]][l] != wantRe || !real && p.Im[place[j]][l] != wantIm {
						t.Fatalf("%s, %T, real %v, %d lanes: amplitude %d of lane %d is not %v %v",
							name, wantRe, real, count, j, l, wantRe, wantIm)
					}
				}
			}
			dst := make([]T, len(src))
			p.Store(dst, &lay, &at)
			stored := 0
			for i, v := range dst {
				if v != 0 && v != src[i] {
					t.Fatalf("%s, %T, real %v, %d lanes: %v stored at %d", name, v, real, count, v, i)
				}
				if v != 0 {
					stored++
				}
			}
			if stored != width*len(amp)*count {
				t.Errorf("%s: %d numbers stored, want %d", name, stored, width*len(amp)*count)
			}
		}
	}
}

// amplitudes returns, for each pattern of some qubits, the amplitude in which all others are 0.
func amplitudes(qubits []int, n int) (out []int32) {
	for i := range 1 << len(qubits) {
		out = append(out, int32(Deposit(i, qubits, n)))
	}
	return out
}
