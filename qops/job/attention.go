package job

import (
	"fmt"
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// Whole returns the job of the literal circuit of the head (circuit.SwapTest), with the preparation of the
// image: one program, which measures the ancilla and both indices. P(0,i,j) − P(1,i,j) is S_ij. With a
// gradient there is a program more for each shift of each place of an angle.
//
// It returns an error for a head that is not sound, more than 30 qubits, or more than the device has, a gate
// that the version of OpenQASM lacks, and more than MaxPrograms programs.
func Whole(h Head, o Options) (*Job, error) {
	j, err := whole(h, o)
	return j, errors.WithMessage(err, "job: Whole")
}

func whole(h Head, o Options) (*Job, error) {
	j, p, err := newAttention(WholeImage, h, o)
	if err != nil {
		return nil, err
	}
	index, data := indexBits(h.Tokens), h.data()
	test := circuit.SwapTest(h.padded(), h.Tokens, 1<<data, p.Query, p.Key)
	compiled, first, last, err := j.options.compile(test)
	if err != nil {
		return nil, err
	}
	base := Program{Name: "whole", Purpose: "SWAP test of all pairs of patches", Layout: first,
		circuit: compiled,
		Shots:   j.Shots}
	base.read("ancilla", 0, last)
	for i := range index {
		base.read(fmt.Sprintf("index of the query, bit %d of %d", i, index), 1+i, last)
	}
	for i := range index {
		base.read(fmt.Sprintf("index of the key, bit %d of %d", i, index), 1+index+data+i, last)
	}
	return j.Job, j.add(p, base, nil)
}

// padded returns the image as the circuit takes it, a power of two wide.
func (h Head) padded() []float64 {
	width := 1 << h.data()
	out := make([]float64, h.Tokens*width)
	for i, v := range h.Image {
		out[i/h.Width*width+i%h.Width] = v
	}
	return out
}

// read adds a qubit of the circuit to what is measured.
func (p *Program) read(what string, qubit int, last []int) {
	p.Bits, p.Qubits = append(p.Bits, what), append(p.Qubits, last[qubit])
}

// Pairs returns the job of a small circuit for each pair of patches, on the qubits of one of them: prepare
// patch i, U_q, the inverses of U_k and of what prepares patch j. How often all qubits are 0 is
// S_ij/(n_i·n_j). Pairs with a patch of zeros need no program. The recommended shots of a pair are in
// proportion to n_i·n_j. On a device all pairs have the same compiled circuit, that of qops.DeviceScores.
// Errors and gradient are those of Whole.
func Pairs(h Head, o Options) (*Job, error) {
	j, err := pairs(h, o)
	return j, errors.WithMessage(err, "job: Pairs")
}

func pairs(h Head, o Options) (*Job, error) {
	j, p, err := newAttention(PatchPairs, h, o)
	if err != nil {
		return nil, err
	}
	compiled, first, last, err := j.options.compile(circuit.OverlapTest(p.Query, p.Key))
	if err != nil {
		return nil, err
	}
	width := 1 << h.data()
	turns := make([][]float64, h.Tokens)
	image := h.padded()
	_, largest := h.shares()
	for i := range turns {
		turns[i] = make([]float64, width-1)
		patch := make([]float64, width)
		for l := range patch {
			patch[l] = image[i*width+l] / largest
		}
		if err := circuit.PreparationAngles(patch, turns[i]); err != nil {
			return nil, err
		}
	}
	for i, a := range j.Shares {
		for k, b := range j.Shares {
			if a*b == 0 {
				continue
			}
			base := Program{Name: pairName(i, k), Pair: []int{i, k}, Layout: first,
				circuit: compiled,
				Purpose: fmt.Sprintf("overlap of the query of patch %d and the key of patch %d", i, k),
				Shots:   max(1, int(math.Round(float64(j.Shots)*a*b))),
				data:    append(append([]float64{}, turns[i]...), turns[k]...)}
			for q := range h.data() {
				base.read(fmt.Sprintf("qubit %d of the patches", q), q, last)
			}
			if err := j.add(p, base, base.data); err != nil {
				return nil, err
			}
		}
	}
	return j.Job, nil
}

func pairName(query, key int) string { return fmt.Sprintf("pair-%d-%d", query, key) }

func shiftName(base string, n int) string { return fmt.Sprintf("%s-shift-%d", base, n) }

// attentionJob is a job of a head that is being filled.
type attentionJob struct {
	*Job
	options Options
}

func newAttention(kind Kind, h Head, o Options) (j attentionJob, p placed, err error) {
	if o = o.filled(); o.Check() != nil {
		return j, p, o.Check()
	}
	if err := h.check(); err != nil {
		return j, p, err
	}
	if p, err = h.split(); err != nil {
		return j, p, err
	}
	j = attentionJob{newJob(kind, o), o}
	j.Tokens, j.Width, j.Angles = h.Tokens, h.Width, h.Query.NumTheta()+h.Key.NumTheta()
	j.Shares, _ = h.shares()
	programs := 1
	if o.Gradient {
		for _, at := range p.places {
			programs += 2 * len(at.rule)
		}
	}
	if kind == PatchPairs {
		programs *= h.Tokens * h.Tokens
	}
	if programs > MaxPrograms {
		return j, p, errors.Errorf("want at most %d programs, got %d: %s", MaxPrograms, programs,
			"the circuit of the "+
				"whole image takes fewer")
	}
	return j, p, nil
}

// add appends a program, and with a gradient its shifted ones.
func (j attentionJob) add(p placed, base Program, data []float64) error {
	base.data = data
	base.theta = append(append([]float64{}, p.ThetaQuery...), p.ThetaKey...)
	j.Programs = append(j.Programs, base)
	if !j.options.Gradient {
		return nil
	}
	n := 0
	return p.eachShift(func(at place, s Shift, theta []float64) error {
		shifted := base
		side, angle := "query", at.angle
		if at.key {
			side, angle = "key", at.Angle.Index
		}
		shifted.Name = shiftName(base.Name, n)
		shifted.Purpose = fmt.Sprintf("%s, with angle %d of the %s shifted by %.6g", base.Purpose, angle,
			side, s.By)
		shifted.Shift, shifted.theta = &s, theta
		j.Programs = append(j.Programs, shifted)
		n++
		return nil
	})
}
