package job

import (
	"math"
	"math/bits"
	"strconv"

	"github.com/pkg/errors"
)

// Estimate is numbers with their standard errors. The errors count one outcome more of each sort than came
// (Laplace's rule of succession), so that they are not 0 for what has never come, or always.
type Estimate struct {
	Values []float64 `json:"values"`
	Errors []float64 `json:"standard_errors"`
}

func newEstimate(n int) Estimate { return Estimate{make([]float64, n), make([]float64, n)} }

// add adds a number times a factor, of which the squared standard error is variance. Until root, Errors are
// squared.
func (e Estimate) add(i int, factor, value, variance float64) {
	e.Values[i] += factor * value
	e.Errors[i] += factor * factor * variance
}

func (e Estimate) root() Estimate {
	for i, v := range e.Errors {
		e.Errors[i] = math.Sqrt(v)
	}
	return e
}

// indexBits is the qubits that name a patch.
func indexBits(tokens int) int { return bits.Len(uint(tokens - 1)) }

// checkCounts returns an error unless there are counts of every program, of its bits.
func (j *Job) checkCounts(counts []Counts) error {
	if j == nil || len(counts) != len(j.Programs) {
		return errors.New("want the counts of each program of a job, as Counts returns them")
	}
	for i, p := range j.Programs {
		if counts[i].Shots() < 1 {
			return errors.Errorf("%s has no shot", p.Name)
		}
		for outcome, n := range counts[i] {
			if n < 0 || len(outcome) != len(p.Bits) {
				return errors.Errorf("%s: %d times %q, want outcomes of %d bits", p.Name, n, outcome,
					len(p.Bits))
			}
			for _, b := range outcome {
				if b != '0' && b != '1' {
					return errors.Errorf("%s: the outcome %q, want 0 and 1", p.Name, outcome)
				}
			}
		}
	}
	return nil
}

// Overlaps returns the estimates of S_ij, tokens × tokens, from the counts of all programs. They are unbiased
// and not clamped. It returns an error for counts that do not fit, and for a job that is not of a head.
func (j *Job) Overlaps(counts []Counts) (Estimate, error) {
	if err := j.checkHead(counts); err != nil {
		return Estimate{}, errors.WithMessage(err, "job: Overlaps")
	}
	e := newEstimate(j.Tokens * j.Tokens)
	for i, p := range j.Programs {
		if p.Shift == nil {
			j.eachOverlap(p, counts[i], func(pair int, value, variance float64) {
				e.add(pair, 1, value,
					variance)
			})
		}
	}
	return e.root(), nil
}

// Jacobian returns the estimates of the derivatives of S_ij by the angles: a row of angles, those of the
// query and then those of the key, for each pair. They are unbiased. The errors are those of Overlaps, and
// one for a job without programs for derivatives.
func (j *Job) Jacobian(counts []Counts) (Estimate, error) {
	if err := j.checkHead(counts); err != nil {
		return Estimate{}, errors.WithMessage(err, "job: Jacobian")
	}
	if !j.HasGradient() {
		return Estimate{}, errors.New("job: Jacobian: the job has no programs with shifted angles")
	}
	e := newEstimate(j.Tokens * j.Tokens * j.Angles)
	for i, p := range j.Programs {
		if s := p.Shift; s != nil {
			j.eachOverlap(p, counts[i], func(pair int, value, variance float64) {
				e.add(pair*j.Angles+s.Angle, s.Factor, value, variance)
			})
		}
	}
	return e.root(), nil
}

// HasGradient tells whether there are programs for derivatives.
func (j *Job) HasGradient() bool {
	if j == nil {
		return false
	}
	for _, p := range j.Programs {
		if p.Shift != nil {
			return true
		}
	}
	return false
}

func (j *Job) checkHead(counts []Counts) error {
	if err := j.checkCounts(counts); err != nil {
		return err
	}
	if j.Kind == Observables || j.Tokens < 1 || len(j.Shares) != j.Tokens {
		return errors.New("want a job of a head, of Whole or Pairs")
	}
	for _, p := range j.Programs {
		if j.Kind == WholeImage && len(p.Bits) != 1+2*indexBits(j.Tokens) || j.Kind == PatchPairs &&
			len(p.Pair) != 2 {
			return errors.Errorf("%s is no program of a job of %d tokens", p.Name, j.Tokens)
		}
	}
	return nil
}

// eachOverlap calls f with what the counts of a program say of pairs.
func (j *Job) eachOverlap(p Program, counts Counts, f func(pair int, value, variance float64)) {
	shots := float64(counts.Shots())
	if j.Kind == PatchPairs {
		zeros := 0
		for outcome, n := range counts {
			if isZero(outcome) {
				zeros += n
			}
		}
		share := j.Shares[p.Pair[0]] * j.Shares[p.Pair[1]]
		more := (float64(zeros) + 1) / (shots + 2)
		f(p.Pair[0]*j.Tokens+p.Pair[1], share*float64(zeros)/shots, share*share*more*(1-more)/shots)
		return
	}
	n := indexBits(j.Tokens)
	var seen [2]map[int]int // by ancilla, then by pair
	for a := range seen {
		seen[a] = map[int]int{}
	}
	for outcome, times := range counts {
		row, column := number(outcome[1:1+n]), number(outcome[1+n:])
		if row < j.Tokens && column < j.Tokens { // else a patch that there is not, by an error of the device
			seen[outcome[0]-'0'][row*j.Tokens+column] += times
		}
	}
	for pair := range j.Tokens * j.Tokens {
		zero, one := float64(seen[0][pair]), float64(seen[1][pair])
		mean := (zero - one) / shots
		f(pair, mean, ((zero+one+1)/shots-mean*mean)/shots)
	}
}

func isZero(outcome string) bool {
	for _, b := range outcome {
		if b != '0' {
			return false
		}
	}
	return true
}

// number returns a text of 0 and 1 as one, the first the most significant; 0 of none.
func number(text string) int {
	n, _ := strconv.ParseInt("0"+text, 2, 64)
	return int(n)
}

// Expectations returns the estimates of the observables of Measure. They are unbiased. It returns an error
// for counts that do not fit, and for a job of another kind.
func (j *Job) Expectations(counts []Counts) (Estimate, error) {
	if err := j.checkCounts(counts); err != nil {
		return Estimate{}, errors.WithMessage(err, "job: Expectations")
	}
	if j.Kind != Observables {
		return Estimate{}, errors.Errorf("job: Expectations: want a job of Measure, got one of the kind %s",
			j.Kind)
	}
	e := newEstimate(j.Observables)
	copy(e.Values, j.Constants)
	for i, p := range j.Programs {
		shots := float64(counts[i].Shots())
		mean, square, most := map[int]float64{}, map[int]float64{}, map[int]float64{}
		for outcome, n := range counts[i] {
			value := map[int]float64{} // of a shot, by observable
			for _, t := range p.Terms {
				sign := 1.0
				for _, b := range t.Bits {
					if outcome[b] == '1' {
						sign = -sign
					}
				}
				value[t.Observable] += sign * t.Coefficient
			}
			for k, v := range value {
				mean[k] += v * float64(n) / shots
				square[k] += v * v * float64(n) / shots
			}
		}
		for _, t := range p.Terms {
			most[t.Observable] += math.Abs(t.Coefficient)
		}
		for k, bound := range most {
			spread := max(0, square[k]-mean[k]*mean[k]) + bound*bound/(shots+2)
			e.add(k, 1, mean[k], spread/shots)
		}
	}
	return e.root(), nil
}
