package split

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/pkg/errors"
)

func second[T any](_ T, err error) error { return err }

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

func TestWrongCalls(t *testing.T) {
	c := circuit.New(3).RY(0, circuit.Theta(0)).CX(0, 2).RZ(1, circuit.Data(0))
	plan := must(NewPlan(c, 1, Options{}))
	for2 := must(NewPlan(c, 2, Options{}))
	e := must(NewExecutor[float64](Alone(), plan, 1))
	state := func(n int) *State[float64] { return must(NewState[float64](Alone(), must(NewLayout(n, 1)))) }
	ok, zero := state(3), &State[float64]{}
	empty := state(3)
	clear(empty.Amplitudes)
	theta, data := []float64{1}, []float64{2}
	expect := must(NewExpectations[float64](3, []statevec.Observable{{{Coefficient: 1, Pauli: "XYZ"}}}, 1))
	probabilities := must(NewProbabilities[float64](0, 2))
	none := func(Comm) error { return nil }
	apitest.Check(t, ".", []apitest.Misuse{
		apitest.Wrong("InProcess", "3 ranks", func() error { return InProcess(3, none) }),
		apitest.Wrong("InProcess", "0 ranks", func() error { return InProcess(0, none) }),
		apitest.Wrong("InProcess", "too many", func() error { return InProcess(1<<20, none) }),
		apitest.Wrong("InProcess", "nil", func() error { return InProcess(2, nil) }),
		apitest.Wrong("InProcess", "panic", func() error { return InProcess(2, func(Comm) error { panic("no") }) }),
		apitest.Wrong("NewLayout", "no qubits", func() error { return second(NewLayout(0, 1)) }),
		apitest.Wrong("NewLayout", "no local qubit", func() error { return second(NewLayout(3, 8)) }),
		apitest.Wrong("NewLayout", "too few ranks", func() error { return second(NewLayout(34, 8)) }),
		apitest.Wrong("NewLayout", "51 qubits", func() error { return second(NewLayout(51, 1<<16)) }),
		apitest.Wrong("NewPlan", "nil", func() error { return second(NewPlan(nil, 2, Options{})) }),
		apitest.Wrong("NewPlan", "mistake", func() error {
			return second(NewPlan(circuit.New(2).X(2), 2,
				Options{}))
		}),
		apitest.Wrong("NewPlan", "6 ranks", func() error { return second(NewPlan(c, 6, Options{})) }),
		apitest.Wrong("NewPlan", "large gate", func() error {
			return second(NewPlan(circuit.New(3).ISwap(0, 1), 4, Options{}))
		}),
		apitest.Wrong("NewPlan", "another start", func() error {
			return second(NewPlan(c, 2, Options{Start: must(NewLayout(4, 2))}))
		}),
		apitest.Wrong("NewExecutor", "nil", func() error { return second(NewExecutor[float32](Alone(), nil, 1)) }),
		apitest.Wrong("NewExecutor", "zero plan", func() error {
			return second(NewExecutor[float32](Alone(),
				&Plan{}, 1))
		}),
		apitest.Wrong("NewExecutor", "no Comm", func() error {
			return second(NewExecutor[float32](Comm{},
				plan, 1))
		}),
		apitest.Wrong("NewExecutor", "no Exchange", func() error {
			return second(NewExecutor[float32](Comm{Size: 2}, for2, 1))
		}),
		apitest.Wrong("NewExecutor", "rank", func() error {
			return second(NewExecutor[float32](Comm{Rank: 1,
				Size: 1}, plan, 1))
		}),
		apitest.Wrong("NewExecutor", "other ranks", func() error {
			return second(NewExecutor[float32](Alone(),
				for2, 1))
		}),
		apitest.Wrong("NewState", "nil", func() error { return second(NewState[float32](Alone(), nil)) }),
		apitest.Wrong("NewState", "zero layout", func() error {
			return second(NewState[float32](Alone(),
				&Layout{}))
		}),
		apitest.Wrong("NewState", "other ranks", func() error {
			return second(NewState[float32](Alone(),
				for2.Start()))
		}),
		apitest.Wrong("NewState", "no Comm", func() error {
			return second(NewState[float32](Comm{},
				plan.Start()))
		}),
		apitest.Wrong("State.Set", "nil", func() error { return state(3).Set(nil) }),
		apitest.Wrong("State.Set", "zero", func() error { return zero.Set(func(uint64) complex128 { return 1 }) }),
		apitest.Wrong("State.Whole", "zero", func() error { return second(zero.Whole()) }),
		apitest.Wrong("State.Norm", "zero", func() error { return second(zero.Norm()) }),
		apitest.Wrong("State.Rearrange", "nil", func() error { return state(3).Rearrange(nil) }),
		apitest.Wrong("State.Rearrange", "other qubits",
			func() error { return state(3).Rearrange(state(2).Layout()) }),
		apitest.Wrong("State.Rearrange", "cut", func() error {
			s := state(3)
			s.Amplitudes = s.Amplitudes[:3]
			return s.Rearrange(ok.Layout())
		}),
		apitest.Wrong("Executor.Apply", "nil executor",
			func() error { return (*Executor[float64])(nil).Apply(theta, data, ok) }),
		apitest.Wrong("Executor.Apply", "nil state", func() error { return e.Apply(theta, data, nil) }),
		apitest.Wrong("Executor.Apply", "other qubits", func() error { return e.Apply(theta, data, state(2)) }),
		apitest.Wrong("Executor.Apply", "theta", func() error { return e.Apply(nil, data, ok) }),
		apitest.Wrong("Executor.Apply", "data", func() error { return e.Apply(theta, nil, ok) }),
		apitest.Wrong("Executor.Apply", "NaN", func() error { return e.Apply([]float64{math.NaN()}, data, ok) }),
		apitest.Wrong("Executor.Adjoint", "nil", func() error { return e.Adjoint(theta, data, ok, nil, nil, nil) }),
		apitest.Wrong("Executor.Adjoint", "dtheta", func() error {
			return e.Adjoint(theta, data, state(3), state(3), make([]float64, 2), nil)
		}),
		apitest.Wrong("Executor.Adjoint", "ddata", func() error {
			return e.Adjoint(theta, data, state(3), state(3), nil, make([]float64, 2))
		}),
		apitest.Wrong("NewExpectations", "none", func() error {
			return second(NewExpectations[float64](3, nil,
				1))
		}),
		apitest.Wrong("NewExpectations", "letters", func() error {
			return second(NewExpectations[float64](3, []statevec.Observable{{{Coefficient: 1, Pauli: "XA"}}}, 1))
		}),
		apitest.Wrong("NewExpectations", "NaN", func() error {
			return second(NewExpectations[float64](1,
				[]statevec.Observable{{{Coefficient: math.NaN(), Pauli: "X"}}}, 1))
		}),
		apitest.Wrong("Expectations.Apply", "zero",
			func() error { return second((&Expectations[float64]{}).Apply(ok)) }),
		apitest.Wrong("Expectations.Apply", "other qubits", func() error { return second(expect.Apply(state(2))) }),
		apitest.Wrong("Expectations.Adjoint", "dout", func() error { return expect.Adjoint(ok, nil, state(3)) }),
		apitest.Wrong("Expectations.Adjoint", "nil", func() error { return expect.Adjoint(ok, []float64{1}, nil) }),
		apitest.Wrong("NewProbabilities", "none", func() error { return second(NewProbabilities[float64]()) }),
		apitest.Wrong("NewProbabilities", "twice", func() error { return second(NewProbabilities[float64](1, 1)) }),
		apitest.Wrong("NewProbabilities", "negative",
			func() error { return second(NewProbabilities[float64](-1)) }),
		apitest.Wrong("NewProbabilities", "many", func() error {
			return second(
				NewProbabilities[float64](identity(25)...))
		}),
		apitest.Wrong("Probabilities.Apply", "other qubits",
			func() error { return second(probabilities.Apply(state(2))) }),
		apitest.Wrong("Probabilities.Apply", "zero",
			func() error { return second((&Probabilities[float64]{}).Apply(ok)) }),
		apitest.Wrong("Probabilities.Adjoint", "dout",
			func() error { return probabilities.Adjoint(ok, nil, state(3)) }),
		apitest.Wrong("Sample", "nil", func() error { return second(Sample[float64](nil, 1, 1)) }),
		apitest.Wrong("Sample", "no shots", func() error { return second(Sample(ok, 0, 1)) }),
		apitest.Wrong("Sample", "many shots", func() error { return second(Sample(ok, 1<<30, 1)) }),
		apitest.Wrong("Sample", "qubit", func() error { return second(Sample(ok, 1, 1, 3)) }),
		apitest.Wrong("Sample", "zeros", func() error { return second(Sample(empty, 1, 1)) }),
		apitest.Wrong("Overlap", "nil", func() error { return second(Overlap(ok, nil)) }),
		apitest.Wrong("Overlap", "other qubits", func() error { return second(Overlap(ok, state(2))) }),
		apitest.Wrong("OverlapAdjoint", "other qubits",
			func() error { return OverlapAdjoint(ok, ok, 1, 1, state(2), nil) }),
	}, map[string]string{"Layout.Qubits": "see TestNil", "Layout.Ranks": "see TestNil",
		"Layout.Local":  "see TestNil",
		"Layout.Global": "see TestNil",
		"State.Layout":  "see TestNil", "Plan.Start": "see TestNil", "Plan.End": "see TestNil",
		"Plan.Traffic": "see TestNil"})
}

func TestNil(t *testing.T) {
	apitest.NilReceivers(t, (*Layout)(nil), (*State[float32])(nil), (*Plan)(nil), (*Executor[float32])(nil),
		(*Expectations[float64])(nil), (*Probabilities[float64])(nil))
}

// TestErrorsSayWhatToDo: of the errors that somebody meets who starts ranks.
func TestErrorsSayWhatToDo(t *testing.T) {
	c := circuit.New(4).H(0)
	for want, err := range map[string]error{
		"want a number of ranks that is a power of two, got 3: start 2 or 4": second(NewPlan(c, 3, Options{})),
		"want at most 8 ranks for 4 qubits, got 16":                          second(NewPlan(c, 16, Options{})),
		"want at least 4 ranks for 32 qubits, got 2":                         second(NewLayout(32, 2)),
		"want at most 4 ranks for a circuit of 4 qubits with iswap on 2 qubits, got 8": second(
			NewPlan(circuit.New(4).ISwap(0, 1), 8, Options{})),
		"has another layout than the plan has at its start": InProcess(2, func(comm Comm) error {
			s, err := NewState[float64](comm, orderedLayout([]int{3, 1, 2, 0}, 2))
			if err != nil {
				return err
			}
			e, err := NewExecutor[float64](comm, must(NewPlan(c, 2,
				Options{Start: orderedLayout(identity(4), 2)})), 1)
			if err != nil {
				return err
			}
			return e.Apply(nil, nil, s)
		}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestFailedRank: a rank that fails ends the others, whatever they wait for.
func TestFailedRank(t *testing.T) {
	done := make(chan error, 1)
	go func() {
		done <- InProcess(4, func(comm Comm) error {
			if comm.Rank == 2 {
				return errors.New("the disk is full")
			}
			return comm.sum(make([]float64, 3))
		})
	}()
	select {
	case err := <-done:
		if err == nil || err.Error() != "the disk is full" {
			t.Errorf("error %v, want that of the rank that failed", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the others wait")
	}
}
