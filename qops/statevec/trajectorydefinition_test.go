package statevec_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// TestTrajectoriesByDefinition runs the errors that were drawn on dense vectors: the values, and the gradient
// as central differences of the same draws.
func TestTrajectoriesByDefinition(t *testing.T) {
	for _, channel := range tableChannels(t) {
		byDefinition(t, channel, disturbed(t, channel))
		byDefinition(t, channel, twisted(t, channel))
	}
}

func byDefinition(t *testing.T, channel circuit.Channel, c *circuit.Noisy) {
	t.Helper()
	const rows, runs = 2, 25
	m := densityMeasurements(t)["expectations"]
	k := m.read.Outputs()
	in := inputs[float64](rand.New(rand.NewPCG(8, 4)), c.Ideal(), rows, true)
	measured := trajectories(t, c, m.read, runs, 1)
	got, dout := make([]float64, rows*k), normals(rand.New(rand.NewPCG(9, 4)), rows*k)
	must(t, measured.Apply(in, seeds(5, rows), got, nil))
	drawn := measured.Drawn()
	values := func() []float64 {
		out := make([]float64, rows*k)
		for _, run := range drawn {
			psi := make([]float64, 16)
			in.Start(run.Row, psi)
			x, at := toComplex(psi, false), 0
			for _, s := range c.Steps() {
				operator, qubits := circuit.Matrix(nil), s.Qubits
				switch place, ok := measured.Place(s.Channel); {
				case s.Channel.Qubits() == 0:
					operator = s.Operation.Matrix(in.Theta, part(in.Data, run.Row, 2))
					qubits = s.Operation.AllQubits()
				case place:
					operator = run.Operators[at]
					at++
				case ok: // a unitary
					operator = s.Channel.Kraus()[0]
				}
				if operator != nil {
					x = onVector(operator, qubits, x)
				}
			}
			for j, v := range m.want(denseOf(x)) {
				out[run.Row*k+j] += run.Weight * v
			}
		}
		return out
	}
	for i, want := range values() {
		if math.Abs(got[i]-want) > 1e-12 {
			t.Errorf("%v: %v, want %v", channel, got[i], want)
		}
	}
	loss := func() (sum float64) {
		for i, v := range values() {
			sum += v * dout[i]
		}
		return sum
	}
	adjoint := func(in statevec.Inputs[float64], dout []float64, to statevec.Gradients[float64]) error {
		return measured.Adjoint(in, seeds(5, rows), dout, to)
	}
	gradient := method[float64](adjoint).run(t, in, dout, c.Ideal())
	again := method[float64](adjoint).run(t, in, dout, c.Ideal())
	if !slices.Equal(gradient.theta, again.theta) || !slices.Equal(gradient.start, again.start) {
		t.Errorf("%v: another gradient the second time", channel)
	}
	check := func(what string, i int, got float64, shift func(by float64)) {
		const h = 1e-5
		shift(h)
		up := loss()
		shift(-2 * h)
		down := loss()
		shift(h)
		if want := (up - down) / (2 * h); math.Abs(got-want) > 1e-6 {
			t.Errorf("%v: %s %d: %v, want %v", channel, what, i, got, want)
		}
	}
	for i := range in.Theta {
		check("theta", i, gradient.theta[i], func(by float64) { in.Theta[i] += by })
	}
	for i := range in.Data {
		check("data", i, gradient.data[i], func(by float64) { in.Data[i] += by })
	}
	start, more, at := in.Start, 0.0, 0
	in.Start = func(row int, psi []float64) {
		start(row, psi)
		if row == at/8 {
			psi[2*(at%8)] += more
		}
	}
	for ; at < 8*rows; at++ {
		check("amplitude", at, gradient.start[at], func(by float64) { more += by })
	}
}

// onVector multiplies some qubits of a vector by a matrix.
func onVector(m circuit.Matrix, qubits []int, x []complex128) []complex128 {
	out, n := make([]complex128, len(x)), 0
	for 1<<n < len(x) {
		n++
	}
	for i := range x {
		row, rest := 0, i
		for _, q := range qubits {
			bit := 1 << (n - 1 - q)
			row, rest = row<<1|i>>(n-1-q)&1, rest&^bit
		}
		for column := range m.Dim() {
			j := rest
			for k, q := range qubits {
				j |= column >> (len(qubits) - 1 - k) & 1 << (n - 1 - q)
			}
			out[i] += m[row*m.Dim()+column] * x[j]
		}
	}
	return out
}
