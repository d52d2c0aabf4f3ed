package qops

import (
	"math"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/qops/circuit"
)

// maxMerged bounds the qubits of neighbouring gates of known angles that are written as one matrix. A matrix
// of six qubits is 128×128 real numbers.
const maxMerged = 6

// circuitWriter writes a circuit of known theta for states that are a Value. A gate of known angles is a
// constant matrix, and so are neighbouring ones together. A gate exp(−iaG) of an angle a of the data is Σ
// exp(−iλa)·P over the eigenvalues λ of G with their projectors P, and so a constant matrix times cosines and
// sines.
//
// States are (rows, 2, …, 2, 2), an axis for each qubit, in an order that changes from gate to gate, and real
// and imaginary part last. One row stands for all rows as long as no gate has used data.
type circuitWriter struct {
	b       *onnx.Builder
	qubits  int
	rows    int
	state   onnx.Value
	order   []int                     // the qubit of each axis
	waves   onnx.Value                // (rows, waves): the cosines and sines of all gates
	columns map[wave]int              // of waves
	data    []circuit.ParamOccurrence // where the circuit uses data
	merged  []circuit.Operation
	known   []float64 // the angles of merged
}

// wave is a column of waves: cos or sin of scale·data[index] + shift.
type wave struct {
	sine         bool
	index        int
	scale, shift float64
}

// writeCircuit returns the states (rows, 2^n, 2) that a circuit makes of psi, (rows, 2^n, 2) or one state for
// all rows. Data is (rows, NumData), or none.
func writeCircuit(b *onnx.Builder, c *circuit.Circuit, psi onnx.Value, theta []float64,
	data onnx.Value) onnx.Value {
	split, places, dataPlaces, err := c.SplitParameters()
	if err != nil {
		b.Fail(err)
		return onnx.Value{}
	}
	w := &circuitWriter{b: b, qubits: c.Qubits(), rows: psi.Shape()[0], data: dataPlaces}
	for _, p := range places {
		w.known = append(w.known, p.Angle.Value(theta, nil))
	}
	for q := range w.qubits {
		w.order = append(w.order, q)
	}
	w.state = b.Reshape(psi, w.shape()...)
	w.writeWaves(data)
	for _, o := range split.Operations() {
		if slices.ContainsFunc(o.Angles, func(a circuit.Angle) bool { return a.Source == circuit.Input }) {
			w.flush()
			w.gateOfData(o)
		} else {
			w.gate(o)
		}
	}
	w.flush()
	w.bringLast(register(w.qubits))
	return b.Reshape(w.state, w.rows, 1<<w.qubits, 2)
}

// writeAngles returns theta, and data as (rows, NumData), of the operands of a circuit.
func writeAngles(b *onnx.Builder, in []onnx.Value, trained bool, rows int) (theta []float64,
	data onnx.Value) {
	if trained {
		theta, in = constantOf(b, "theta", in[0]), in[1:]
	}
	if len(in) > 0 {
		shape := in[0].Shape()
		data = b.Reshape(in[0], rows, shape[len(shape)-1])
	}
	return theta, data
}

// zeroState returns |0…0⟩, (1, 2^n, 2).
func zeroState(b *onnx.Builder, qubits int) onnx.Value {
	psi := make([]float64, 2<<qubits)
	psi[0] = 1
	return b.Const(psi, 1, 1<<qubits, 2)
}

// form returns the form of a circuit on its inputs and what is measured of it.
func (k circuitShape) form(c *circuit.Circuit, m Measurement, outputs int) form {
	return func(b *onnx.Builder, in []onnx.Value) onnx.Value {
		psi := zeroState(b, c.Qubits())
		if k.width > 0 {
			e := encoding{normalize: k.normalize, width: k.width, qubits: c.Qubits()}
			psi, in = b.Reshape(e.writeAmplitudes(b, in[0]), k.rows, 1<<c.Qubits(), 2), in[1:]
		}
		theta, data := writeAngles(b, in, k.trained, k.rows)
		psi = writeCircuit(b, c, psi, theta, data)
		if b.Err() != nil {
			return onnx.Value{}
		}
		return b.Reshape(m.write(b, psi, c.Qubits(), outputs), append(k.leading.Clone(), outputs)...)
	}
}

func register(n int) (qubits []int) {
	for q := range n {
		qubits = append(qubits, q)
	}
	return qubits
}

func (w *circuitWriter) shape() []int {
	return append([]int{w.rows}, slices.Repeat([]int{2}, w.qubits+1)...)
}

// frequencies returns the eigenvalues of a gate, without sign and each once.
func frequencies(p circuit.ParamOccurrence) (f []float64) {
	for _, v := range p.Eigenvalues {
		near := func(u float64) bool { return math.Abs(u-math.Abs(v)) < 1e-9 }
		if !slices.ContainsFunc(f, near) {
			f = append(f, math.Abs(v))
		}
	}
	return f
}

// wavesOf returns the waves of a gate, cosine and sine of each frequency in turn.
func (w *circuitWriter) wavesOf(p circuit.ParamOccurrence) (waves []wave) {
	for _, f := range frequencies(p) {
		one := wave{index: p.Angle.Index, scale: f * p.Angle.Scale, shift: f * p.Angle.Shift}
		if f == 0 {
			one.index = 0
		}
		waves = append(waves, one)
		one.sine = true
		waves = append(waves, one)
	}
	return waves
}

// writeWaves writes the cosines and sines of all gates at once.
func (w *circuitWriter) writeWaves(data onnx.Value) {
	var angles []wave // without the difference between cosine and sine
	for _, p := range w.data {
		for _, v := range w.wavesOf(p) {
			if v.sine = false; !slices.Contains(angles, v) {
				angles = append(angles, v)
			}
		}
	}
	if len(angles) == 0 {
		return
	}
	w.columns = map[wave]int{}
	n := len(angles)
	indices, scales, shifts := make([]int, n), make([]float64, n), make([]float64, n)
	for i, a := range angles {
		indices[i], scales[i], shifts[i] = a.index, a.scale, a.shift
		w.columns[a] = i
		a.sine = true
		w.columns[a] = n + i
	}
	x := w.b.Mul(w.b.Gather(data, 1, indices, n), w.b.Const(scales, n))
	if slices.ContainsFunc(shifts, func(s float64) bool { return s != 0 }) {
		x = w.b.Add(x, w.b.Const(shifts, n))
	}
	w.waves = w.b.Concat(1, w.b.Cos(x), w.b.Sin(x))
}

// gate adds a gate of known angles to those that are merged.
func (w *circuitWriter) gate(o circuit.Operation) {
	if len(mergedQubits(append(slices.Clone(w.merged), o))) > max(maxMerged, len(o.AllQubits())) {
		w.flush()
	}
	w.merged = append(w.merged, o)
}

// mergedQubits returns the qubits of operations, in ascending order.
func mergedQubits(ops []circuit.Operation) (qubits []int) {
	for _, o := range ops {
		qubits = append(qubits, o.AllQubits()...)
	}
	slices.Sort(qubits)
	return slices.Compact(qubits)
}

// flush writes the merged gates.
func (w *circuitWriter) flush() {
	if len(w.merged) == 0 {
		return
	}
	qubits := mergedQubits(w.merged)
	c := circuit.New(len(qubits))
	for _, o := range w.merged {
		o = o.Map(func(q int) int { return slices.Index(qubits, q) }, nil)
		c.Control(o.Controls, o.Gate, o.Angles, o.Qubits...)
	}
	m, err := c.Matrix(w.known, nil)
	if err != nil {
		w.b.Fail(err)
		return
	}
	w.merged = nil
	w.multiply(qubits, w.b.Const(realForm(m), 2*m.Dim(), 2*m.Dim()))
}

// gateOfData writes a gate whose angle comes from the data.
func (w *circuitWriter) gateOfData(o circuit.Operation) {
	place := w.data[o.Angles[0].Index]
	waves, matrices := w.wavesOf(place), waveMatrices(o, place)
	if matrices == nil {
		w.b.Fail(errors.Errorf("gate %s has an angle of the data and too many qubits", o.Name()))
		return
	}
	var columns []int
	var constants []float64
	for i, m := range matrices {
		if slices.ContainsFunc(m, func(v float64) bool { return v != 0 }) {
			columns, constants = append(columns, w.columns[waves[i]]), append(constants, m...)
		}
	}
	size := len(matrices[0])
	dim := 2 << len(o.AllQubits())
	factors := w.b.Gather(w.waves, 1, columns, len(columns))
	m := w.b.MatMul(factors, w.b.Const(constants, len(columns), size))
	rows := w.waves.Shape()[0]
	w.multiply(o.AllQubits(), w.b.Reshape(m, rows, dim, dim))
}

// bringLast makes the axes of qubits the last ones, in their order.
func (w *circuitWriter) bringLast(qubits []int) {
	order := slices.DeleteFunc(slices.Clone(w.order), func(q int) bool { return slices.Contains(qubits, q) })
	order = append(order, qubits...)
	perm := []int{0}
	for _, q := range order {
		perm = append(perm, 1+slices.Index(w.order, q))
	}
	w.state = w.b.Transpose(w.b.Reshape(w.state, w.shape()...), append(perm, w.qubits+1)...)
	w.order = order
}

// multiply multiplies the part of states that qubits make by a matrix (2d, 2d), or one for each row (rows,
// 2d, 2d).
func (w *circuitWriter) multiply(qubits []int, m onnx.Value) {
	if w.b.Err() != nil {
		return
	}
	w.bringLast(qubits)
	others := 1 << (w.qubits - len(qubits))
	w.state = w.b.MatMul(w.b.Reshape(w.state, w.rows, others, 2<<len(qubits)), m)
	w.rows = w.state.Shape()[0]
}
