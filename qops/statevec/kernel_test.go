package statevec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/internal/dense"
)

// kernelData is one random tile for every kernel: 12 places, three pairs among them, three classes.
type kernelData[T dense.Float] struct {
	planes [4][]block[T]
	u      matrix2[T]
	sums   []block[T]
	stages stages[T]
	phases []T
}

var (
	kernelPairs = []int32{5, 1, 0, 7, 11, 3}
	kernelGroup = []int32{5, 1, 0, 7, 11, 3, 2, 10}
	kernelClass = []int32{0, 2, 1, 1, 0, 2, 2, 0, 1, 0, 0, 1}
)

func newKernelData[T dense.Float]() *kernelData[T] {
	rng := rand.New(rand.NewPCG(1, 1))
	random := func(b *block[T]) {
		for l := range b {
			b[l] = T(rng.NormFloat64())
		}
	}
	d := &kernelData[T]{sums: make([]block[T], 4), phases: make([]T, 3*2*lanes)}
	for i := range d.planes {
		d.planes[i] = make([]block[T], len(kernelClass))
		for j := range d.planes[i] {
			random(&d.planes[i][j])
		}
	}
	for i := range d.u {
		random(&d.u[i])
	}
	for j := range bundleSteps {
		random(&d.stages.shear[j])
		random(&d.stages.moments[j])
		for k := range 4 {
			random(&d.stages.full[j][k])
		}
	}
	for i := range d.sums {
		random(&d.sums[i])
	}
	for i := range d.phases {
		d.phases[i] = T(rng.NormFloat64())
	}
	return d
}

// numbers returns all that a kernel may have changed.
func (d *kernelData[T]) numbers() (out []T) {
	for _, plane := range append(d.planes[:], d.sums, d.stages.moments[:]) {
		for _, b := range plane {
			out = append(out, b[:]...)
		}
	}
	return out
}

// TestAssembly holds every assembly kernel of this machine against plain Go, for both element types.
func TestAssembly(t *testing.T) {
	all := []string{"avx2", "avx512"}
	for i, cpu := range all {
		if dense.CPU() == cpu {
			for _, cpu := range all[:i+1] { // a machine with the later set has the earlier one
				t.Run(cpu, func(t *testing.T) {
					was32, was64 := vector32, vector64
					defer func() { vector32, vector64 = was32, was64 }()
					testAssembly[float32](t, cpu, 1e-5)
					testAssembly[float64](t, cpu, 1e-14)
				})
			}
		}
	}
}

func testAssembly[T dense.Float](t *testing.T, cpu string, tol float64) {
	for name, run := range map[string]func(d *kernelData[T]){
		"turn":     func(d *kernelData[T]) { turn(d.planes[0], d.planes[1], kernelPairs, &d.u) },
		"turnReal": func(d *kernelData[T]) { turnReal(d.planes[0], kernelPairs, &d.u) },
		"turnBack": func(d *kernelData[T]) {
			turnBack(d.planes[0], d.planes[1], d.planes[2], d.planes[3], kernelPairs, &d.u, (*moments[T])(d.sums))
		},
		"turnBackReal": func(d *kernelData[T]) { turnBackReal(d.planes[0], d.planes[1], kernelPairs, &d.u, &d.sums[3]) },
		"shift":        func(d *kernelData[T]) { shift(d.planes[0], d.planes[1], kernelClass, d.phases) },
		"shiftReal":    func(d *kernelData[T]) { shiftReal(d.planes[0], kernelClass, d.phases) },
		"shiftAll":     func(d *kernelData[T]) { shiftAll(d.planes[0], d.planes[1], kernelClass, d.phases) },
		"shiftBack": func(d *kernelData[T]) {
			shiftBack(&planes[T]{re: d.planes[0], im: d.planes[1]}, &planes[T]{re: d.planes[2], im: d.planes[3]}, kernelClass, d.phases, d.sums)
		},
		"fold": func(d *kernelData[T]) { fold(d.planes[0][:8], &d.sums[0]) },
		"overlaps": func(d *kernelData[T]) {
			overlaps(d.planes[0], d.planes[1], d.planes[2], d.planes[3], kernelClass, d.sums)
		},
		"rotate 1, 2, 3": func(d *kernelData[T]) {
			d.stages.kinds = tangent | cotangent<<2 | full<<4
			rotate(d.planes[0], kernelGroup, &d.stages)
		},
		"rotate 2, 3, 0": func(d *kernelData[T]) {
			d.stages.kinds = cotangent | full<<2
			rotate(d.planes[0], kernelGroup, &d.stages)
		},
		"rotateBack 3, 1, 2": func(d *kernelData[T]) {
			d.stages.kinds = full | tangent<<2 | cotangent<<4
			rotateBack(d.planes[0], d.planes[1], kernelGroup, &d.stages)
		},
		"nothing": func(d *kernelData[T]) { turn(d.planes[0], d.planes[1], nil, &d.u) },
	} {
		var results [2][]T
		for i, set := range []string{"generic", cpu} {
			vector32, vector64 = routines(set)
			d := newKernelData[T]()
			run(d)
			results[i] = d.numbers()
		}
		for i, want := range results[0] {
			if diff := math.Abs(float64(results[1][i] - want)); !(diff <= tol*max(1, math.Abs(float64(want)))) {
				t.Errorf("%T %s: number %d is %v, plain Go says %v", want, name, i, results[1][i], want)
				break
			}
		}
	}
}

// TestTiles loads and stores tiles of every form: lanes in rows far apart, neighbouring lanes, too few lanes, amplitudes out of order.
func TestTiles(t *testing.T) {
	for _, cpu := range []string{"generic", dense.CPU()} {
		was32, was64 := vector32, vector64
		vector32, vector64 = routines(cpu)
		testTiles[float32](t, false)
		testTiles[float32](t, true)
		testTiles[float64](t, false)
		testTiles[float64](t, true)
		vector32, vector64 = was32, was64
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
	for name, active := range map[string][]int{"rows": {5, 6, 7, 8, 9}, "neighbours": {0, 1, 2, 3, 4, 5}, "strided": {0, 2, 4, 6, 8}} {
		for _, count := range []int{lanes, 10, 3} {
			amp := patterns(active, qubits)
			var others []int
			for q := qubits - 1; q >= 0 && len(others) < 4; q-- {
				if !slices.Contains(active, q) {
					others = append([]int{q}, others...)
				}
			}
			tl := tile{count: count}
			for l, a := range patterns(others, qubits)[:count] {
				tl.base[l] = int(a)
			}
			place := make([]int32, len(amp)) // a permutation without pattern
			for j := range place {
				place[j] = int32((j*11 + 3) % len(amp))
			}
			p := newPlanes[T](len(amp), real)
			p.re[0][lanes-1] = 99 // a leftover
			lay := newLayout[T](amp, place, real, len(amp), nil)
			p.load(src, &lay, &tl)
			for j, a := range amp {
				for l := range lanes {
					var wantRe, wantIm T
					if l < count {
						k := width * (tl.base[l] + int(a))
						wantRe, wantIm = src[k], src[k+width-1]
					}
					if p.re[place[j]][l] != wantRe || !real && p.im[place[j]][l] != wantIm {
						t.Fatalf("%s, %T, real %v, %d lanes: amplitude %d of lane %d is not %v %v", name, wantRe, real, count, j, l, wantRe, wantIm)
					}
				}
			}
			dst := make([]T, len(src))
			p.store(dst, &lay, &tl)
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
