package analysis

import (
	"context"
	"math"
	"math/cmplx"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Spectrum is an expectation as a Fourier series of one input, Σ c_k·exp(ikx) for k from −Degree to Degree,
// with c_−k the conjugate of c_k.
type Spectrum struct {
	Degree int `json:"degree"` // the highest frequency that the gates allow

	// Power is the mean of |c_k|² over draws of the trained angles and the other inputs, k from 0 to Degree, and
	// Deviation the standard deviation of |c_k|² from draw to draw.
	Power     []float64 `json:"power"`
	Deviation []float64 `json:"deviation"`

	// Reached is the frequencies whose power is above 1e-28 and 1e-20 of the largest; that of the others is
	// rounding, and set to 0.
	Reached []int `json:"reached"`
}

// maxDegree bounds the frequencies.
const maxDegree = 1 << 12

// Fourier returns the Fourier spectrum of an expectation by an input of the circuit, whose place is its index
// among the inputs of a row, from |0…0⟩. The mean is over Samples draws, 0 meaning 100.
//
// It returns the circuit's own error, one for an input that the circuit does not have, for frequencies that
// are no whole numbers (scale the input), for those above 4096, for a Sampling out of range, those of
// statevec.NewExpectations and that of the context.
//
// Source: Schuld, Sweke, Meyer, arXiv:2008.08605.
func Fourier(ctx context.Context, c *circuit.Circuit, o statevec.Observable, input int, s Sampling) (
	out Spectrum, err error) {
	if s.Samples == 0 {
		s.Samples = 100
	}
	if s, err = s.withDefaults(); err == nil {
		err = checkCircuit(c)
	}
	if err != nil {
		return out, errors.WithMessage(err, "analysis: Fourier")
	}
	degree, err := Degree(c, input)
	if err != nil {
		return out, err
	}
	powers := newSpread(degree + 1)
	f := fourier{circuit: c, observable: o, input: input, degree: degree, threads: s.Threads}
	if err := f.prepare(); err != nil {
		return out, errors.WithMessage(err, "analysis: Fourier")
	}
	angles := make([]float64, f.plan.NumData())
	for i := range s.Samples {
		if err := live(ctx); err != nil {
			return out, errors.WithMessage(err, "analysis: Fourier")
		}
		s.draw(i, angles)
		coefficients, err := f.coefficients(angles)
		if err != nil {
			return out, errors.WithMessage(err, "analysis: Fourier")
		}
		row := make([]float64, degree+1)
		for k := range row {
			row[k] = real(coefficients[k])*real(coefficients[k]) + imag(coefficients[k])*imag(coefficients[k])
		}
		powers.add(row)
	}
	out.Degree, out.Power = degree, powers.means
	largest := 0.0
	for k, p := range out.Power {
		out.Deviation = append(out.Deviation, math.Sqrt(powers.variance(k)))
		largest = max(largest, p)
	}
	for k, p := range out.Power {
		if p > max(1e-28, 1e-20*largest) {
			out.Reached = append(out.Reached, k)
		} else {
			out.Power[k], out.Deviation[k] = 0, 0
		}
	}
	return out, nil
}

// Coefficients returns c_0 to c_Degree of an expectation as a Fourier series of an input, for one theta and
// one row of data, in which the input's own value does not matter. It returns the errors of Fourier, and one
// for lengths that do not fit the circuit.
func Coefficients(c *circuit.Circuit, o statevec.Observable, input int, theta, data []float64) ([]complex128,
	error) {
	if err := checkCircuit(c); err != nil {
		return nil, errors.WithMessage(err, "analysis: Coefficients")
	}
	if len(theta) != c.NumTheta() || len(data) != c.NumData() {
		return nil, errors.Errorf("analysis: Coefficients: want %d angles and %d inputs, got %d and %d",
			c.NumTheta(), c.NumData(), len(theta), len(data))
	}
	degree, err := Degree(c, input)
	if err != nil {
		return nil, err
	}
	f := fourier{circuit: c, observable: o, input: input, degree: degree, threads: 1}
	if err := f.prepare(); err != nil {
		return nil, errors.WithMessage(err, "analysis: Coefficients")
	}
	out, err := f.coefficients(append(append([]float64{}, data...), theta...))
	return out, errors.WithMessage(err, "analysis: Coefficients")
}

// Degree returns the highest frequency of an input in any expectation: the sum over the gates that it enters
// of the largest difference of their generator's eigenvalues, times the scale. It returns an error for an
// input that the circuit does not have, and for one whose frequencies are no whole numbers or above 4096.
func Degree(c *circuit.Circuit, input int) (int, error) {
	if err := checkCircuit(c); err != nil {
		return 0, errors.WithMessage(err, "analysis: Degree")
	}
	_, _, data, err := c.SplitParameters()
	if err != nil {
		return 0, errors.WithMessage(err, "analysis: Degree")
	}
	degree, found := 0.0, false
	for _, d := range data {
		if d.Angle.Index != input {
			continue
		}
		found = true
		low := d.Eigenvalues[0]
		for _, v := range d.Eigenvalues {
			if f := math.Abs(d.Angle.Scale) * (v - low); math.Abs(f-math.Round(f)) > 1e-9 {
				return 0, errors.Errorf("analysis: input %d enters a gate with frequency %.6g, want whole "+
					"numbers: scale the input", input, f)
			}
		}
		degree += math.Abs(d.Angle.Scale) * (d.Eigenvalues[len(d.Eigenvalues)-1] - low)
	}
	switch {
	case !found:
		return 0, errors.Errorf("analysis: the circuit has no input %d that a gate takes, it has %d inputs", input,
			c.NumData())
	case degree > maxDegree:
		return 0, errors.Errorf("analysis: input %d has frequencies to %.6g, want at most %d", input, degree,
			maxDegree)
	}
	return int(math.Round(degree)), nil
}

// fourier evaluates an expectation at as many points as there are coefficients.
type fourier struct {
	circuit    *circuit.Circuit
	observable statevec.Observable
	input      int
	degree     int
	threads    int

	plan     *statevec.Plan[float64]
	measured *statevec.MeasuredCircuit[float64]
}

func (f *fourier) prepare() error {
	free, err := anglesAsData(f.circuit)
	if err != nil {
		return err
	}
	if f.plan, err = statevec.Compile[float64](free); err != nil {
		return err
	}
	read, err := statevec.NewExpectations[float64](f.circuit.Qubits(), []statevec.Observable{f.observable},
		f.threads)
	if err != nil {
		return err
	}
	f.measured, err = statevec.NewMeasuredCircuit(f.plan, read, f.threads)
	return err
}

// coefficients returns those for the angles that the circuit of anglesAsData takes.
func (f *fourier) coefficients(angles []float64) ([]complex128, error) {
	points := 2*f.degree + 1
	rows := min(points, max(1, chunkNumbers/f.plan.Width()))
	values := make([]float64, points)
	data := make([]float64, rows*len(angles))
	for from := 0; from < points; from += rows {
		n := min(rows, points-from)
		for r := range n {
			row := data[r*len(angles):][:len(angles)]
			copy(row, angles)
			row[f.input] = 2 * math.Pi * float64(from+r) / float64(points)
		}
		in := statevec.Inputs[float64]{Rows: n, Data: data[:n*len(angles)]}
		if err := f.measured.Apply(in, values[from:from+n]); err != nil {
			return nil, err
		}
	}
	out := make([]complex128, f.degree+1)
	for k := range out {
		for j, v := range values {
			angle := -2 * math.Pi * float64(k*j%points) / float64(points)
			out[k] += complex(v/float64(points), 0) * cmplx.Rect(1, angle)
		}
	}
	return out, nil
}
