package statevec

import (
	"math/cmplx"
	"slices"
)

// phase is a phase op over the patterns of its qubits, of which the last is bit 0.
type phase struct {
	constants []complex128 // by pattern; nil if they are 1
	singles   [][]single   // by bit
	joint     []joint
}

// single is a phase exp(−i·angle·values[bit]) of one qubit.
type single struct {
	angle  int // of the step
	values [2]float64
}

// joint is a phase exp(−i·angle·values[class[pattern]]) of several qubits.
type joint struct {
	angle  int
	class  []int32
	values []float64
}

func newPhase(o *op) phase {
	k := len(o.qubits)
	p := phase{singles: make([][]single, k)}
	angle := 0
	for i := range o.terms {
		t := &o.terms[i]
		at := positions(t.qubits, o.qubits)
		switch {
		case t.constant():
			if p.constants == nil {
				p.constants = slices.Repeat([]complex128{1}, 1<<k)
			}
			for x := range p.constants {
				p.constants[x] *= t.constants[extract(x, at, k)]
			}
			continue
		case len(t.qubits) == 1:
			bit := k - 1 - at[0]
			p.singles[bit] = append(p.singles[bit], single{angle, [2]float64(t.values)})
		default:
			j := joint{angle: angle, class: make([]int32, 1<<k)}
			for x := range j.class {
				v := t.values[extract(x, at, k)]
				c := slices.Index(j.values, v)
				if c < 0 {
					c, j.values = len(j.values), append(j.values, v)
				}
				j.class[x] = int32(c)
			}
			p.joint = append(p.joint, j)
		}
		angle++
	}
	return p
}

// at sets z to the phases of all patterns, given the angles: one multiplication a pattern for all phases of one qubit, and one for each joint one.
func (p *phase) at(z []complex128, angles []float64) {
	z[0] = 1
	for bit, all := range p.singles {
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
	for x, c := range p.constants {
		z[x] *= c
	}
	for i := range p.joint {
		j := &p.joint[i]
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

// derivatives sets out to the derivatives by the angles, from the sums of Im ψλ̄ by pattern, over all lanes. It spoils the sums, and d.
func derivatives[T Float](p *phase, sums []block[T], out []float64, d *block[T]) {
	for i := range p.joint {
		j := &p.joint[i]
		d := 0.0
		for x, c := range j.class {
			d += j.values[c] * sums[x].total()
		}
		out[j.angle] = d
	}
	var difference [maxTouched]float64 // by bit, of the sum over patterns with 1 there and that over the others
	for bit := len(p.singles) - 1; bit >= 0; bit-- {
		*d = block[T]{}
		fold(sums[:2<<bit], d)
		difference[bit] = d.total()
	}
	sum := sums[0].total()
	for bit, all := range p.singles {
		zero, one := (sum-difference[bit])/2, (sum+difference[bit])/2
		for _, s := range all {
			out[s.angle] = s.values[0]*zero + s.values[1]*one
		}
	}
}

// derivative returns the derivative by an angle of one lane.
func derivative[T Float](p *phase, angle int, sums []block[T], lane int) (d float64) {
	for bit, all := range p.singles {
		for _, s := range all {
			for x := 0; s.angle == angle && x < len(sums); x++ {
				d += s.values[x>>bit&1] * float64(sums[x][lane])
			}
		}
	}
	for i := range p.joint {
		j := &p.joint[i]
		for x := 0; j.angle == angle && x < len(sums); x++ {
			d += j.values[j.class[x]] * float64(sums[x][lane])
		}
	}
	return d
}
