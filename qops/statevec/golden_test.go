package statevec_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/cmplx"
	"os"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// golden is a circuit of docs/peers/circuits.py with what NumPy made of it by dense matrices. Rows come one
// by one.
type golden struct {
	Qubits            int
	Gates             []goldenGate
	Theta             []float64
	Data, In, Weights [][]float64
	Observables       []statevec.Observable
	Out, Values       [][]float64
	Din, Ddata        [][]float64
	Dtheta            []float64
}

type goldenGate struct {
	Name             string
	Word             string    // pauli
	Phases           []float64 // diagonal
	Re, Im           []float64 // unitary, evolution
	Controls, Qubits []int
	Angles           [][4]any // source, index, scale, shift
}

// gate returns the row of the table, or a gate of its family.
func (g goldenGate) gate(t *testing.T) circuit.Gate {
	t.Helper()
	numbers := make(circuit.Matrix, len(g.Re))
	for i := range numbers {
		numbers[i] = complex(g.Re[i], g.Im[i])
	}
	var k circuit.Gate
	var err error
	switch g.Name {
	case "pauli":
		k, err = circuit.PauliRotation(g.Word)
	case "diagonal":
		var d []complex128
		for _, p := range g.Phases {
			d = append(d, cmplx.Rect(1, p))
		}
		k, err = circuit.Diagonal(d)
	case "unitary":
		k, err = circuit.Unitary(numbers)
	case "evolution":
		k, err = circuit.Evolution(numbers)
	default:
		row, ok := circuit.Named(g.Name)
		if !ok {
			t.Fatalf("no gate %s", g.Name)
		}
		k = row
	}
	must(t, err)
	return k
}

func (g goldenGate) angles(seen map[string]bool) (out []circuit.Angle) {
	for _, a := range g.Angles {
		index, scale, shift := int(a[1].(float64)), a[2].(float64), a[3].(float64)
		source := map[any]circuit.Angle{
			"const": circuit.Const(0), "theta": circuit.Theta(index), "data": circuit.Data(index),
		}[a[0]]
		out = append(out, source.Times(scale).Plus(shift))
		seen[fmt.Sprint(g.Name, " by ", a[0])] = true
	}
	seen[g.Name] = true
	return out
}

// TestGoldens holds values and all gradients of 216 random circuits against NumPy, in both dtypes. They have
// each gate of the families and of the table as it was when they were drawn, its angles from each source. A
// newer row is as good without them: its matrix is held against one written out (TestMatrices of package
// circuit), the plain form against that matrix and differences (TestPlainAdjoint), all else against the plain
// form (TestEveryGate).
func TestGoldens(t *testing.T) {
	seen := map[string]bool{}
	all := goldens(t)
	for i, g := range all {
		c := circuit.New(g.Qubits)
		for _, gate := range g.Gates {
			c.Control(gate.Controls, gate.gate(t), gate.angles(seen), gate.Qubits...)
		}
		must(t, c.Err())
		t.Run(fmt.Sprintf("%d-%d-qubits", i, g.Qubits), func(t *testing.T) {
			compare[float64](t, g, c, 1e-10)
			compare[float32](t, g, c, 1e-4)
			comparePlain(t, g, c)
		})
	}
	if len(all) < 200 {
		t.Errorf("%d circuits, want at least 200", len(all))
	}
	angles := map[string]int{"pauli": 1, "evolution": 1, "diagonal": 0, "unitary": 0}
	for _, k := range circuit.Table() {
		if seen[k.Name()] {
			angles[k.Name()] = k.Angles()
		}
	}
	if len(angles) < 42 {
		t.Errorf("circuits have %d gates and families, want at least 42", len(angles))
	}
	for name, count := range angles {
		if !seen[name] {
			t.Errorf("no circuit has %s", name)
		}
		for _, source := range []string{"const", "theta", "data"} {
			if count > 0 && !seen[name+" by "+source] {
				t.Errorf("no circuit has %s by %s", name, source)
			}
		}
	}
}

func goldens(t *testing.T) []golden {
	t.Helper()
	file, err := os.Open("testdata/circuits.json.gz")
	must(t, err)
	defer file.Close()
	text, err := gzip.NewReader(file)
	must(t, err)
	var all struct{ Circuits []golden }
	must(t, json.NewDecoder(text).Decode(&all))
	return all.Circuits
}

func compare[T dense.Float](t *testing.T, g golden, c *circuit.Circuit, tol float64) {
	t.Helper()
	plan, err := statevec.Compile[T](c)
	must(t, err)
	expect, err := statevec.NewExpectations[T](g.Qubits, g.Observables, 2)
	must(t, err)
	rows, per := len(g.In), c.NumData()
	var data []float64
	for _, row := range g.Data {
		data = append(
			data,
			row[:per]...) // a circuit may not use the last entries, of which NumPy has gradient 0
	}
	theta, in, exec := as[T](g.Theta[:c.NumTheta()]), as[T](slices.Concat(g.In...)), plan.NewExecutor(2)
	out, values := make([]T, len(in)), make([]T, rows*len(g.Observables))
	must(t, exec.Apply(rows, theta, as[T](data), in, out))
	must(t, expect.Apply(rows, out, values))
	dout, din, dtheta, ddata := make([]T, len(in)), make([]T, len(in)), make([]T, len(theta)), make([]T,
		len(data))
	must(t, expect.Adjoint(rows, out, as[T](slices.Concat(g.Weights...)), dout))
	must(t, exec.Adjoint(rows, theta, as[T](data), out, dout, din, dtheta, ddata))

	near(t, "out", out, slices.Concat(g.Out...), tol)
	near(t, "values", values, slices.Concat(g.Values...), tol)
	near(t, "din", din, slices.Concat(g.Din...), tol)
	near(t, "dtheta", dtheta, g.Dtheta[:len(dtheta)], tol)
	var want []float64
	for _, row := range g.Ddata {
		want = append(want, row[:per]...)
		near(t, "unused data", make([]float64, len(row)-per), row[per:], 1e-12)
	}
	near(t, "ddata", ddata, want, tol)
}

// comparePlain compares the plain form with NumPy, row by row.
func comparePlain(t *testing.T, g golden, c *circuit.Circuit) {
	t.Helper()
	expect, err := statevec.NewExpectations[float64](g.Qubits, g.Observables, 1)
	must(t, err)
	theta, total := g.Theta[:c.NumTheta()], make([]float64, c.NumTheta())
	for r := range g.In {
		data, dout := g.Data[r][:c.NumData()], make([]float64, len(g.In[r]))
		out := plain(t, c, theta, data, toComplex(g.In[r], false))
		near(t, "plain out", fromComplex(out, false), g.Out[r], 1e-10)
		must(t, expect.Adjoint(1, fromComplex(out, false), g.Weights[r], dout))
		din, dtheta, ddata, err := statevec.PlainAdjoint(c, theta, data, out, toComplex(dout, false))
		must(t, err)
		near(t, "plain din", fromComplex(din, false), g.Din[r], 1e-10)
		near(t, "plain ddata", ddata, g.Ddata[r][:c.NumData()], 1e-10)
		for i, v := range dtheta {
			total[i] += v
		}
	}
	near(t, "plain dtheta", total, g.Dtheta[:len(total)], 1e-10)
}
