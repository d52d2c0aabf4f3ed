package statevec_test

import (
	"math"
	"math/cmplx"
	"math/rand/v2"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// misuse draws arguments, of which a user gets some wrong.
type misuse struct{ *rand.Rand }

func (m misuse) number(right int) int {
	wrong := []int{-1, 0, 1, 3, 64, 1 << 40, math.MaxInt, math.MinInt}
	if k := m.IntN(8 * len(wrong)); k < len(wrong) {
		return wrong[k]
	}
	return right
}

func (m misuse) numbers(right int) []float64 {
	switch m.IntN(24) {
	case 0:
		return nil
	case 1:
		return make([]float64, right+1)
	case 2:
		return make([]float64, max(0, right-1))
	}
	x := make([]float64, right)
	if right > 0 && m.IntN(24) == 0 {
		x[m.IntN(right)] = math.NaN()
	}
	return x
}

func (m misuse) amplitudes(right int) []complex128 { return make([]complex128, len(m.numbers(right))) }

// circuit has two angles of each sort on two qubits, or is one of those that are wrong.
func (m misuse) circuit() *circuit.Circuit {
	switch m.IntN(16) {
	case 0:
		return nil
	case 1:
		return &circuit.Circuit{}
	case 2:
		return circuit.New(2).H(5)
	case 3:
		return circuit.New(2).Add(circuit.Gate{}, nil, 0)
	}
	return circuit.New(2).RY(0, circuit.Theta(0)).CRY(0, 1, circuit.Data(1)).RY(1, circuit.Theta(1))
}

func (m misuse) inputs() statevec.Inputs[float64] {
	in := statevec.Inputs[float64]{Rows: m.number(3), Theta: m.numbers(2), Data: m.numbers(6)}
	if m.IntN(16) == 0 {
		in.Start = func(int, []float64) { panic("statevec: the caller's") }
	}
	return in
}

// explosive is a measurement of the caller's.
type explosive struct{ statevec.Measurement[float64] }

func (m misuse) gradients() statevec.Gradients[float64] {
	to := statevec.Gradients[float64]{Theta: m.numbers(2), Data: m.numbers(6), Amplitudes: m.number(4)}
	if m.IntN(2) == 0 {
		to.Start = func(int, []float64) {}
	}
	if m.IntN(16) == 0 {
		to.Start = func(int, []float64) { panic("statevec: the caller's") }
	}
	return to
}

func (m misuse) plan() *statevec.Plan[float64] {
	if m.IntN(8) == 0 {
		return &statevec.Plan[float64]{}
	}
	plan, _ := statevec.Compile[float64](m.circuit()) // nil for a circuit that is wrong
	return plan
}

func (m misuse) executor() *statevec.Executor[float64] {
	if m.IntN(8) == 0 {
		return &statevec.Executor[float64]{}
	}
	return m.plan().NewExecutor(m.number(2))
}

func (m misuse) measurement() statevec.Measurement[float64] {
	switch m.IntN(16) {
	case 0:
		return &statevec.RowMeasurement[float64]{}
	case 1:
		return explosive{}
	case 2:
		return nil
	case 3:
		return (*statevec.RowMeasurement[float64])(nil)
	case 4, 5:
		if purity, err := statevec.NewPurity[float64](2, []int{1}, m.number(2)); err == nil {
			return purity
		}
	}
	x, _ := statevec.NewExpectations[float64](2, eachZ(2)[:1], m.number(1)) // never fails
	return x
}

func (m misuse) rowMeasurement() *statevec.RowMeasurement[float64] {
	switch m.IntN(8) {
	case 0:
		return nil
	case 1:
		return &statevec.RowMeasurement[float64]{}
	}
	x, _ := statevec.NewExpectations[float64](2, eachZ(2), m.number(1)) // never fails
	return x
}

func (m misuse) observables() []statevec.Observable {
	wrong := statevec.Observable{{Coefficient: 1, Pauli: "ZÄ"}}
	return [][]statevec.Observable{nil, {nil}, {wrong}, eachZ(2)}[m.IntN(4)]
}

func (m misuse) qubits() []int {
	return [][]int{nil, {-1}, {5}, {0, 0}, {70}, {1}, {1, 0}, {0}}[m.IntN(8)]
}

func (m misuse) states() [][]complex128 {
	return [][][]complex128{
		nil, {nil}, {m.amplitudes(4)}, {{cmplx.NaN(), 0, 0, 0}}, {{1, 0, 0, 0}},
	}[m.IntN(5)]
}

func (m misuse) measuredCircuit() *statevec.MeasuredCircuit[float64] {
	c, err := statevec.NewMeasuredCircuit(m.plan(), m.measurement(), m.number(1))
	if err != nil || m.IntN(8) == 0 {
		return &statevec.MeasuredCircuit[float64]{}
	}
	return c
}

func (m misuse) overlap() *statevec.Overlap[float64] {
	o, err := statevec.NewOverlap[float64](m.number(2), m.number(2), m.number(3), m.number(1), m.number(1))
	if err != nil {
		return &statevec.Overlap[float64]{}
	}
	return o
}

func (m misuse) shiftGradient() *statevec.ShiftGradient[float64] {
	s, err := statevec.NewFiniteDifferences(m.circuit(), m.measurement(), m.number(1))
	if m.IntN(2) == 0 {
		s, err = statevec.NewParameterShift(m.circuit(), m.measurement(), m.number(1))
	}
	if err != nil {
		return &statevec.ShiftGradient[float64]{}
	}
	return s
}
