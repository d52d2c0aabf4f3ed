package tile

import (
	"math/cmplx"
	"slices"

	"github.com/hqvit/hqvit/internal/dense"
)

// Diagonal is the product of diagonal gates, constants and exponentials exp(−i·angle·values), over the
// patterns of some qubits, of which the last is bit 0. Patterns are the classes of its phases.
type Diagonal struct {
	qubits    int
	constants []complex128 // by pattern; nil if they are 1
	singles   [][]single   // by bit
	joint     []joint
}

// MaxDiagonal is how many qubits a Diagonal may have.
const MaxDiagonal = 16

// single is a phase exp(−i·angle·values[bit]) of one qubit.
type single struct {
	angle  int
	values [2]float64
}

// joint is a phase exp(−i·angle·values[class[pattern]]) of several qubits.
type joint struct {
	angle  int
	class  []int32
	values []float64
}

// NewDiagonal returns the identity on so many qubits.
func NewDiagonal(qubits int) Diagonal {
	return Diagonal{qubits: qubits, singles: make([][]single, qubits)}
}

// Multiply multiplies by a constant, given by pattern of some of the qubits.
func (d *Diagonal) Multiply(qubits []int, values []complex128) {
	if d.constants == nil {
		d.constants = slices.Repeat([]complex128{1}, 1<<d.qubits)
	}
	for x := range d.constants {
		d.constants[x] *= values[Extract(x, qubits, d.qubits)]
	}
}

// MultiplyExp multiplies by exp(−i·angle·values), given by pattern of some of the qubits, of an angle with a
// number.
func (d *Diagonal) MultiplyExp(angle int, qubits []int, values []float64) {
	if len(qubits) == 1 {
		bit := d.qubits - 1 - qubits[0]
		d.singles[bit] = append(d.singles[bit], single{angle, [2]float64(values)})
		return
	}
	j := joint{angle: angle, class: make([]int32, 1<<d.qubits)}
	for x := range j.class {
		v := values[Extract(x, qubits, d.qubits)]
		c := slices.Index(j.values, v)
		if c < 0 {
			c, j.values = len(j.values), append(j.values, v)
		}
		j.class[x] = int32(c)
	}
	d.joint = append(d.joint, j)
}

// Phases sets z to the phases of all patterns, given the angles: one multiplication a pattern for all
// exponentials on one qubit, and one for each on several.
func (d *Diagonal) Phases(z []complex128, angles []float64) {
	z[0] = 1
	for bit, all := range d.singles {
		zero, one := complex128(1), complex128(1)
		for _, s := range all {
			a := angles[s.angle]
			zero *= cmplx.Rect(1, -a*s.values[0])
			one *= cmplx.Rect(1, -a*s.values[1])
		}
		half := 1 << bit
		for x := range half {
			z[half+x] = z[x] * one
			z[x] *= zero
		}
	}
	for x, c := range d.constants {
		z[x] *= c
	}
	for i := range d.joint {
		j := &d.joint[i]
		var phases [4]complex128 // a gate of the table has no more values
		a := angles[j.angle]
		for x, c := range j.class {
			if len(j.values) > len(phases) {
				z[x] *= cmplx.Rect(1, -a*j.values[c])
				continue
			}
			if phases[c] == 0 {
				phases[c] = cmplx.Rect(1, -a*j.values[c])
			}
			z[x] *= phases[c]
		}
	}
}

// Derivatives sets out to the derivatives by the angles over all lanes, from the sums that PhaseBackward adds
// to. It overwrites the sums and the scratch block.
func Derivatives[T dense.Float](d *Diagonal, sums []Block[T], out []float64, scratch *Block[T]) {
	for i := range d.joint {
		j := &d.joint[i]
		total := 0.0
		for x, c := range j.class {
			total += j.values[c] * sums[x].Sum()
		}
		out[j.angle] = total
	}
	var difference [MaxDiagonal]float64 // by bit: the sum where it is 1 minus that where it is 0
	for bit := len(d.singles) - 1; bit >= 0; bit-- {
		*scratch = Block[T]{}
		Fold(sums[:2<<bit], scratch)
		difference[bit] = scratch.Sum()
	}
	sum := sums[0].Sum()
	for bit, all := range d.singles {
		zero, one := (sum-difference[bit])/2, (sum+difference[bit])/2
		for _, s := range all {
			out[s.angle] = s.values[0]*zero + s.values[1]*one
		}
	}
}

// LaneDerivative returns the derivative by an angle of one lane.
func LaneDerivative[T dense.Float](d *Diagonal, angle int, sums []Block[T], lane int) (total float64) {
	for bit, all := range d.singles {
		for _, s := range all {
			for x := 0; s.angle == angle && x < len(sums); x++ {
				total += s.values[x>>bit&1] * float64(sums[x][lane])
			}
		}
	}
	for i := range d.joint {
		j := &d.joint[i]
		for x := 0; j.angle == angle && x < len(sums); x++ {
			total += j.values[j.class[x]] * float64(sums[x][lane])
		}
	}
	return total
}
