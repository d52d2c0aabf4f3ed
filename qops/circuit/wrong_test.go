package circuit_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/qops/circuit"
)

// functions are the exported functions of the package.
var functions = map[string]any{
	"Const": circuit.Const, "Data": circuit.Data, "Diagonal": circuit.Diagonal,
	"Evolution": circuit.Evolution, "Examples": circuit.Examples, "FractionOfPi": circuit.FractionOfPi,
	"GlobalPhase": circuit.GlobalPhase,
	"Identity":    circuit.Identity, "IntoCX": circuit.IntoCX, "IntoGenerators": circuit.IntoGenerators,
	"IntoNative": circuit.IntoNative, "Named": circuit.Named, "New": circuit.New, "NewLarge": circuit.NewLarge,
	"NewGate":    circuit.NewGate,
	"NewDynamic": circuit.NewDynamic, "OpaqueGate": circuit.OpaqueGate, "Power": circuit.Power,
	"PauliRotation": circuit.PauliRotation, "Prepare": circuit.Prepare, "ShiftRule": circuit.ShiftRule,
	"OverlapTest": circuit.OverlapTest,
	"SwapTest":    circuit.SwapTest, "Table": circuit.Table, "Theta": circuit.Theta, "Unitary": circuit.Unitary,
	"Value": circuit.Value[float64], "Channels": circuit.Channels, "NewChannel": circuit.NewChannel,
	"KrausChannel": circuit.KrausChannel, "ParseNoise": circuit.ParseNoise, "NewNoisy": circuit.NewNoisy,
	"Preparation": circuit.Preparation, "PreparationAngles": circuit.PreparationAngles,
	"PreparationGradient": circuit.PreparationGradient, "IntoParts": circuit.IntoParts,
	"AllToAll": circuit.AllToAll, "Grid": circuit.Grid, "HeavyHex": circuit.HeavyHex, "Line": circuit.Line,
	"Pairs": circuit.Pairs, "Ring": circuit.Ring, "GateSets": circuit.GateSets,
	"NewGateSet": circuit.NewGateSet, "ParseGateSet": circuit.ParseGateSet,
	"Durations": circuit.Durations, "NewSchedule": circuit.NewSchedule,
}

// wrongValues are the arguments and receivers that a user gets wrong, among some that are right.
func wrongValues() apitest.Pool {
	nan, inf := math.NaN(), math.Inf(1)
	x, cx, rx, u := mustGate("x"), mustGate("cx"), mustGate("rx"), mustGate("u")
	long, _ := circuit.PauliRotation(strings.Repeat("XY", 15))
	theta := circuit.Theta(0)
	good := circuit.New(3).H(0).RX(1, theta).CX(0, 2).
		Control([]int{1}, u, []circuit.Angle{theta, circuit.Data(1), theta}, 2)
	rule := func(operations ...circuit.Operation) circuit.Rule {
		return func(circuit.Operation, int) ([]circuit.Operation, bool, error) {
			return operations, true, nil
		}
	}
	pool := apitest.Pool{}
	add := pool.Add
	add(-1, 0, 1, 2, 3, 31, 1<<40, math.MinInt, math.MaxInt)
	add(nan, inf, 0.0, 0.3, -1e308)
	add(complex(nan, 0), 1i, complex(0, inf))
	add([]circuit.Matrix(nil), []circuit.Matrix{nil}, []circuit.Matrix{{1, 0, 0, 1}},
		[]circuit.Matrix{{1, 2, 3}})
	add("", "x", "XYZ", "Q", strings.Repeat("Z", 40), "depolarizing", "pauli=1:2", "readout=0.1")
	add([]float64(nil), []float64{}, []float64{nan}, []float64{1, 2, 3}, make([]float64, 16),
		[]float64{inf, 1, 1, 1})
	add([]int(nil), []int{0}, []int{-1}, []int{7}, []int{0, 0}, []int{0, 1}, []int{2, 1, 0}, make([]int, 50))
	add([]complex128(nil), []complex128{0}, []complex128{1, 1i}, []complex128{cmplx.NaN(), 1},
		make([]complex128, 5))
	add(theta, circuit.Angle{}, circuit.Const(nan), circuit.Theta(-1), circuit.Data(circuit.MaxAngles),
		circuit.Angle{Source: 9, Index: -3}, circuit.Data(0).Times(inf))
	add([]circuit.Angle(nil), []circuit.Angle{theta},
		[]circuit.Angle{circuit.Theta(-1), theta, circuit.Const(nan)})
	add(circuit.Matrix(nil), circuit.Matrix{}, circuit.Matrix{1}, circuit.Matrix{1, 2, 3},
		circuit.Matrix{0, 1, 1, 0},
		circuit.Matrix{1, 1, 0, 1}, circuit.Matrix{complex(nan, 0), 0, 0, 1}, circuit.Identity(2),
		make(circuit.Matrix, 8))
	add(circuit.Gate{}, x, cx, rx, u, mustGate("cswap"), circuit.GlobalPhase(), long)
	add((*circuit.Circuit)(nil), &circuit.Circuit{}, circuit.New(-1), circuit.New(0), circuit.New(99),
		circuit.New(30),
		circuit.New(1), good, circuit.New(2).X(5), circuit.New(3).PauliRotation("XYZ", theta, 0, 1, 2))
	add(circuit.Operation{}, circuit.Operation{Gate: x}, circuit.Operation{Gate: cx, Qubits: []int{0, 1}},
		circuit.Operation{Gate: rx, Qubits: []int{-4}, Angles: []circuit.Angle{theta}},
		circuit.Operation{Gate: u, Controls: make([]int, 60), Qubits: []int{0},
			Angles: make([]circuit.Angle, 3)},
		circuit.Operation{Gate: x, Controls: []int{1, 2, 3, 4}, Qubits: []int{0}},
		circuit.Operation{Gate: mustGate("swap"), Controls: []int{0}, Qubits: []int{1}},
		circuit.Operation{Gate: circuit.GlobalPhase(), Controls: []int{3}},
		circuit.Operation{Gate: long, Qubits: make([]int, 30)})
	add(circuit.Constant, circuit.Input, circuit.Source(9))
	panics := func(circuit.Operation, int) ([]circuit.Operation, bool, error) { panic("the caller's") }
	add(circuit.Rule(nil), circuit.Rule(circuit.IntoCX), circuit.Rule(panics), rule(),
		rule(circuit.Operation{}),
		rule(good.Operations()...))
	add((func(circuit.Operation) (float64, error))(nil), circuit.Durations(map[string]float64{"h": 1}),
		func(circuit.Operation) (float64, error) { return 1, nil },
		func(circuit.Operation) (float64, error) { panic("the caller's") })
	add(map[string]float64(nil), map[string]float64{"h": -1}, circuit.AsSoon, circuit.AsLate, circuit.When(7))
	add((func(circuit.Operation) bool)(nil), func(circuit.Operation) bool { return false },
		func(circuit.Operation) bool { return true })
	add((func(int) int)(nil), func(q int) int { return q - 7 })
	add((func(circuit.Angle) circuit.Angle)(nil),
		func(circuit.Angle) circuit.Angle { return circuit.Const(nan) })
	add(circuit.DrawOptions{}, circuit.DrawOptions{Width: -3}, circuit.DrawOptions{Width: 1, ASCII: true},
		circuit.DrawOptions{Theta: []float64{nan}, OmitIdle: true, Title: "\x00"},
		circuit.DrawOptions{Registers: []string{"", "a", "a\x00", "", "", "", "z"}, OmitIdle: true})
	add(circuit.GateSpec{}, circuit.GateSpec{Name: "a", Qubits: 2, Matrix: fixed(1)},
		circuit.GateSpec{Name: "a", Qubits: 1 << 40},
		circuit.GateSpec{Name: "a", Qubits: 1, Definition: &circuit.Circuit{}},
		circuit.GateSpec{Name: "a", Qubits: 1,
			Angles: 1, Generator: circuit.Matrix{cmplx.Inf(), 0, 0, 1}})
	add(circuit.ParamOccurrence{}, circuit.ParamOccurrence{Eigenvalues: []float64{nan, inf, 0}})
	add(circuit.Resources{}, circuit.Resources{Qubits: -1, Gates: map[string]int{"": -1}})
	add(circuit.Shift{})
	bit := &circuit.Condition{Bits: []int{0}, Value: 1}
	add((*circuit.Condition)(nil), bit, &circuit.Condition{}, &circuit.Condition{Bits: []int{-1, 99}},
		&circuit.Condition{Relation: circuit.Not}, &circuit.Condition{Relation: 77},
		&circuit.Condition{Relation: circuit.Xor, Of: []*circuit.Condition{nil, bit}},
		&circuit.Condition{Relation: circuit.Less, Bits: []int{0, 0}, Signed: true, Value: math.MinInt64})
	q := []circuit.Register{{Name: "q", Size: 2}}
	of := func(in ...circuit.Instruction) *circuit.Dynamic {
		return &circuit.Dynamic{QubitRegisters: q, BitRegisters: q, Body: in}
	}
	on := func(qubits ...int) circuit.Operation { return circuit.Operation{Qubits: qubits} }
	add((*circuit.Dynamic)(nil), &circuit.Dynamic{}, of(), of(circuit.Instruction{}), of(circuit.Instruction{
		Kind: 99}),
		&circuit.Dynamic{QubitRegisters: []circuit.Register{{Name: "q", Size: -1}, {Size: 2, Single: true}}},
		of(circuit.Instruction{Kind: circuit.Measure, Operation: on(0, 5), Bits: []int{0}}),
		of(circuit.Instruction{Kind: circuit.Branch, When: bit, Then: []circuit.Instruction{{
			Kind: circuit.Assign}}}),
		of(circuit.Instruction{Kind: circuit.Repeat}, circuit.Instruction{Kind: circuit.Barrier}),
		of(circuit.Instruction{Kind: circuit.Reset, Operation: on()}, circuit.Instruction{
			Kind: circuit.Opaque}))
	add(func(*circuit.Instruction) {})
	add(func(int) {})
	add([]bool(nil), []bool{true, false})
	add([]circuit.Operation(nil), good.Operations(), []circuit.Operation{{}}, []circuit.Operation{{Gate: u}},
		[]circuit.Operation{{Gate: x, Qubits: []int{9}}})
	add(circuit.Readout{}, circuit.Note{}, circuit.Kind(99), circuit.Register{})
	add(uint8(0))
	add(false, true)
	add([]string(nil), []string{"rz", "sx", "cx"}, []string{"warp"}, []string{"u3", "u"})
	add([][2]int(nil), [][2]int{{0, 1}, {1, 2}}, [][2]int{{-1, 1 << 40}})
	add(circuit.Coupling{}, circuit.Line(3), circuit.Line(-1), circuit.Pairs(4, [][2]int{{0, 1}}, true))
	add(circuit.GateSet{}, circuit.GateSets()[0])
	apitest.Put[error](pool, nil, errors.New("the caller's"))
	apitest.Put[io.Writer](pool, nil, io.Discard, full{}, (*os.File)(nil), (*bytes.Buffer)(nil))
	return pool
}

// TestNothingPanics calls every exported function, and every exported method of each type, with values that a
// user gets wrong.
func TestNothingPanics(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	pool := wrongValues() // made again for each function, because builders change the circuits in it
	for name, f := range functions {
		pool = wrongValues()
		for range 300 {
			pool.Call(t, rng, name, reflect.ValueOf(f))
		}
	}
	for typ := range pool {
		for i := range typ.NumMethod() {
			method := typ.Method(i)
			if typ.Kind() == reflect.Interface || !method.IsExported() {
				continue
			}
			pool = wrongValues()
			for _, v := range pool[typ] {
				for range 12 {
					pool.Call(t, rng, fmt.Sprint(typ, ".", method.Name), method.Func, v)
				}
			}
		}
	}
}

func TestNilAndZeroValues(t *testing.T) {
	apitest.NilReceivers(t, (*circuit.Circuit)(nil))
	apitest.Prints(t, (*circuit.Circuit)(nil), &circuit.Circuit{}, circuit.Operation{}, circuit.Gate{},
		circuit.Angle{}, circuit.Angle{Source: 9}, circuit.GateSpec{}, circuit.ParamOccurrence{},
		circuit.Resources{}, circuit.Matrix{1}, circuit.Shift{}, circuit.DrawOptions{})
}

// TestEveryFunctionIsCalled finds exported functions that TestNothingPanics does not call.
func TestEveryFunctionIsCalled(t *testing.T) {
	found := 0
	for _, name := range apitest.Functions(t, ".") {
		if strings.Contains(name, ".") {
			continue // a method
		}
		if found++; functions[name] == nil {
			t.Errorf("%s is not called", name)
		}
	}
	if found != len(functions) {
		t.Errorf("%d functions found, %d called", found, len(functions))
	}
}

// TestCausesAreKept looks through a circuit's mistakes by errors.Is and errors.As.
func TestCausesAreKept(t *testing.T) {
	cause := refusal{3}
	c := circuit.New(2).X(9).Fail(nil).Fail(errors.WithMessage(cause, "an ansatz"))
	for name, c := range map[string]*circuit.Circuit{"itself": c, "appended": circuit.New(2).Append(c),
		"composed": circuit.New(2).Compose(c),
		"adjoint":  c.Adjoint(), "controlled": c.Controlled(1), "bound": c.Bind(nil, nil),
		"offset":    c.OffsetParams(1, 1),
		"swap test": circuit.SwapTest(nil, 2, 4, c, circuit.New(2))} {
		err, as := c.Err(), refusal{}
		if !errors.Is(err, cause) || !errors.As(err, &as) || as.size != 3 || errors.Is(err, io.EOF) {
			t.Errorf("%s: the cause of %v is lost", name, err)
		}
		const want = "circuit: x: qubit 9 out of range [0,2) (the 1st operation); an ansatz: refused"
		if err.Error() != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
	if _, err := c.Decompose(circuit.IntoCX); !errors.Is(err, cause) {
		t.Errorf("the cause of %v is lost", err)
	}
}

type refusal struct{ size int }

func (refusal) Error() string { return "refused" }

// TestNobodyChangesTheTable changes everything that the package hands out, and draws again.
func TestNobodyChangesTheTable(t *testing.T) {
	draw := func() string {
		c := tableCircuit()
		e, err := c.Bind(make([]float64, 4), nil).Decompose(circuit.IntoCX)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(c, c.Adjoint(), e, matrix(t, c, []float64{1, 2, 3, 4}, nil))
	}
	before := draw()
	spoil := func(ops []circuit.Operation) {
		for i := range ops {
			for _, q := range [][]int{ops[i].Qubits, ops[i].Controls} {
				for j := range q {
					q[j] = 77
				}
			}
			for j := range ops[i].Angles {
				ops[i].Angles[j] = circuit.Const(9)
			}
			ops[i] = circuit.Operation{}
		}
	}
	table, examples := circuit.Table(), circuit.Examples()
	for i, k := range append(circuit.Table(), examples...) {
		clear(k.Matrix(make([]float64, k.Angles())))
		clear(k.Generator())
		ops, _ := k.Definition()
		spoil(ops)
		c := single(k)
		text := c.String()
		spoil(c.Operations())
		spoil(c.Adjoint().Operations())
		placed, _ := c.Operations()[0].Definition()
		spoil(placed)
		split, _, _, _ := c.SplitParameters()
		spoil(split.Operations())
		if got := c.String(); got != text {
			t.Errorf("%s: a circuit was changed from outside:\n%s", k, got)
		}
		if i < len(table) {
			table[i] = circuit.Gate{}
		}
	}
	if draw() != before {
		t.Error("the gate table was changed from outside")
	}

	m, g, definition := circuit.Matrix{0, 1, 1, 0}, circuit.Matrix{1, 0, 0, -1}, circuit.New(1).X(0)
	a, _ := circuit.Unitary(m)
	b, _ := circuit.Evolution(g)
	c, _ := circuit.NewGate(circuit.GateSpec{Name: "c", Qubits: 1, Definition: definition})
	d, _ := circuit.NewGate(circuit.GateSpec{Name: "d", Qubits: 1, Matrix: fixed(m...)})
	read := func() string {
		ops, _ := c.Definition()
		return fmt.Sprint(a.Matrix(nil), b.Generator(), b.Matrix([]float64{1}), ops, c.Matrix(nil),
			d.Matrix(nil))
	}
	custom := read()
	clear(m)
	clear(g)
	definition.Z(0)
	if read() != custom {
		t.Error("a custom gate follows what it was made from")
	}
}
