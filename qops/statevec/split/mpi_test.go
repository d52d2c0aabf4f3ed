//go:build mpi

package split

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hqvit/hqvit/internal/mpi"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/statevec"
)

// asRank is set in the ranks that a test starts of its own binary, to a job in JSON.
const asRank = "HQVIT_SPLIT_TEST"

// long is set for the tests of large states, which take minutes and 2 GiB.
const long = "HQVIT_SPLIT_LONG"

// job is what ranks do: the layered circuit and some observables, or attention if there are tokens.
type job struct {
	Qubits, Layers int
	Double         bool
	Tokens, Width  int
	Prepare        bool // the image, by gates
	Engine         bool // on one rank, by package statevec alone
}

// result is what the first rank prints.
type result struct {
	Values, Gradient []float64
	Shots            []uint64
	PeakMB           float64 // of the rank that had most
	Seconds          float64
	Traffic          Traffic
}

func TestMain(m *testing.M) {
	text := os.Getenv(asRank)
	if text == "" {
		os.Exit(m.Run())
	}
	w, err := mpi.Init()
	var j job
	if err == nil {
		err = json.Unmarshal([]byte(text), &j)
	}
	if err == nil {
		err = j.print(w)
	}
	if err != nil {
		fmt.Printf("rank failed: %v\n", err)
		if w != nil {
			w.Abort(3)
		}
		os.Exit(3)
	}
	if err := w.Finalize(); err != nil {
		fmt.Println(err)
		os.Exit(4)
	}
}

func (j job) print(w *mpi.World) error {
	comm := Comm{Rank: w.Rank, Size: w.Size, Exchange: w.For(mpi.States).Exchange}
	began := time.Now()
	var r result
	var err error
	switch {
	case j.Engine:
		r, err = j.engine()
	case j.Double:
		r, err = run[float64](j, comm)
	default:
		r, err = run[float32](j, comm)
	}
	if err != nil {
		return err
	}
	r.Seconds = time.Since(began).Seconds()
	peaks := make([]float64, comm.Size)
	peaks[comm.Rank] = peakMB()
	if err := comm.sum(peaks); err != nil {
		return err
	}
	for _, p := range peaks {
		r.PeakMB = max(r.PeakMB, p)
	}
	if comm.Rank == 0 {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	return nil
}

// peakMB returns the most memory that the process has had.
func peakMB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return math.NaN()
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kB, _ := strconv.ParseFloat(strings.Fields(after)[0], 64)
	return kB / 1024
}

// observables are ⟨Z⟩ and strings with X and Y at both ends of the state.
func (j job) observables() []statevec.Observable {
	text := func(letters map[int]byte) string {
		s := []byte(strings.Repeat("I", j.Qubits))
		for q, l := range letters {
			s[q] = l
		}
		return string(s)
	}
	last := j.Qubits - 1
	sum := statevec.Observable{{Coefficient: 0.5, Pauli: text(map[int]byte{0: 'X', last: 'Y', 2: 'Z'})},
		{Coefficient: -0.3, Pauli: text(map[int]byte{1: 'Y', last - 1: 'X', 0: 'Z'})}}
	for q := range j.Qubits {
		sum = append(sum, statevec.Term{Coefficient: float64(q+1) / 10, Pauli: text(map[int]byte{q: 'Z'})})
	}
	return []statevec.Observable{sum, {{Coefficient: 1, Pauli: text(map[int]byte{last: 'X', 3: 'X'})}}}
}

func (j job) angles() []float64 { return angles64(2*j.Qubits*j.Layers, 21) }

var dout = []float64{1, -0.7}

// engine runs the job without this package.
func (j job) engine() (r result, err error) {
	if j.Double {
		return engineOf[float64](j)
	}
	return engineOf[float32](j)
}

func engineOf[T statevec.Float](j job) (r result, err error) {
	plan, err := statevec.Compile[T](qlayer.Entangling(j.Layers)(j.Qubits))
	if err != nil {
		return r, err
	}
	m, err := statevec.NewExpectations[T](j.Qubits, j.observables(), 1)
	if err != nil {
		return r, err
	}
	c, err := statevec.NewMeasuredCircuit(plan, m, 1)
	if err != nil {
		return r, err
	}
	in := statevec.Inputs[T]{Rows: 1, Theta: as[T](j.angles())}
	out, dtheta := make([]T, 2), make([]T, plan.NumTheta())
	if err := c.Apply(in, out); err != nil {
		return r, err
	}
	err = c.Adjoint(in, as[T](dout), statevec.Gradients[T]{Theta: dtheta})
	r.Values, r.Gradient = as[float64](out), as[float64](dtheta)
	return r, err
}

// run does the job on the share of a rank.
func run[T statevec.Float](j job, comm Comm) (r result, err error) {
	if j.Tokens > 0 {
		a := newAttention(j.Tokens, j.Width, 31)
		a.prepare = j.Prepare
		r.Values, r.Gradient, r.Traffic, err = attend[T](a, comm)
		return r, err
	}
	plan, err := NewPlan(qlayer.Entangling(j.Layers)(j.Qubits), comm.Size, Options{})
	if err != nil {
		return r, err
	}
	r.Traffic = plan.Traffic()
	e, err := NewExecutor[T](comm, plan, 1)
	if err != nil {
		return r, err
	}
	m, err := NewExpectations[T](j.Qubits, j.observables(), 1)
	if err != nil {
		return r, err
	}
	psi, err := NewState[T](comm, plan.Start())
	if err != nil {
		return r, err
	}
	theta := as[T](j.angles())
	if err := e.Apply(theta, nil, psi); err != nil {
		return r, err
	}
	if r.Values, err = m.Apply(psi); err != nil {
		return r, err
	}
	if r.Shots, err = Sample(psi, 20, 77); err != nil {
		return r, err
	}
	lambda, err := NewState[T](comm, plan.End())
	if err != nil {
		return r, err
	}
	if err := m.Adjoint(psi, dout, lambda); err != nil {
		return r, err
	}
	dtheta := make([]T, len(theta))
	err = e.Adjoint(theta, nil, psi, lambda, dtheta, nil)
	r.Gradient = as[float64](dtheta)
	return r, err
}

// start runs a job in so many ranks.
func start(t *testing.T, ranks int, j job) result {
	t.Helper()
	mpirun, err := exec.LookPath("mpirun")
	if err != nil {
		t.Skip("no mpirun")
	}
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, mpirun, "-q", "--oversubscribe", "--bind-to", "none", "-np", fmt.Sprint(ranks),
		os.Args[0])
	c.Env = append(os.Environ(), asRank+"="+string(text), "OMPI_ALLOW_RUN_AS_ROOT=1",
		"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", "OMPI_MCA_btl_vader_single_copy_mechanism=none")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%d ranks: %v\n%s", ranks, err, out)
	}
	var r result
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%d ranks: %v in %s", ranks, err, out)
	}
	return r
}

// compare fails unless a job has the values and the gradient of another, relative to the largest.
func (r result) compare(t *testing.T, what string, want result, tolerance float64) {
	t.Helper()
	for name, pair := range map[string][2][]float64{"values": {r.Values, want.Values},
		"gradient": {r.Gradient, want.Gradient}} {
		scale := 0.0
		for _, v := range pair[1] {
			scale = max(scale, math.Abs(v))
		}
		d := furthest(pair[0], pair[1]) / scale
		if !(d <= tolerance) {
			t.Errorf("%s: %s differ by %g of the largest", what, name, d)
		}
		t.Logf("%s: %s differ by %.2g of the largest", what, name, d)
	}
}

// TestOverMPI compares states over processes with the engine on one: 16 qubits, or with HQVIT_SPLIT_LONG=1 26
// in float32 and 24 in float64, with the memory that each takes.
func TestOverMPI(t *testing.T) {
	jobs := []job{{Qubits: 16, Layers: 3}, {Qubits: 16, Layers: 3, Double: true}}
	if os.Getenv(long) != "" {
		jobs = []job{{Qubits: 26, Layers: 2}, {Qubits: 24, Layers: 2, Double: true}}
	}
	for _, j := range jobs {
		tolerance := 1e-5
		if j.Double {
			tolerance = 1e-12
		}
		engine := j
		engine.Engine = true
		want := start(t, 1, engine)
		t.Logf("%+v on one rank: %.1f s, %.0f MB", j, want.Seconds, want.PeakMB)
		shots := start(t, 1, j).Shots
		for _, ranks := range []int{2, 4} {
			what := fmt.Sprintf("%d qubits, double %v, %d ranks", j.Qubits, j.Double, ranks)
			got := start(t, ranks, j)
			got.compare(t, what, want, tolerance)
			if j.Double && fmt.Sprint(got.Shots) != fmt.Sprint(shots) { // of float32 one in 10^7 may differ
				t.Errorf("%s: shots %v, on one rank %v", what, got.Shots, shots)
			}
			ratio := got.PeakMB / want.PeakMB
			t.Logf("%s: %.1f s, %.0f MB a rank, %.3f of one rank; %+v", what, got.Seconds, got.PeakMB, ratio,
				got.Traffic)
			if limit := map[int]float64{2: 0.55, 4: 0.35}[ranks]; j.Qubits >= 24 && !(ratio <= limit) {
				t.Errorf("%s: a rank takes %.3f of the memory of one, want at most %.3f", what, ratio, limit)
			}
		}
	}
}

// TestAttentionOverMPI runs the literal circuit of a head on a whole image: 13 qubits, or 25, for 64 tokens
// of width 64.
func TestAttentionOverMPI(t *testing.T) {
	j := job{Tokens: 4, Width: 16}
	if os.Getenv(long) != "" {
		j = job{Tokens: 64, Width: 64}
	}
	a := newAttention(j.Tokens, j.Width, 31)
	values, gradient, err := a.fused()
	if err != nil {
		t.Fatal(err)
	}
	want := result{Values: values, Gradient: gradient}
	for _, ranks := range []int{1, 2} {
		j.Prepare = ranks == 2
		got := start(t, ranks, j)
		what := fmt.Sprintf("%d tokens of width %d, image prepared by gates %v, %d ranks", j.Tokens, j.Width,
			j.Prepare, ranks)
		tolerance := 1e-5
		if j.Prepare {
			tolerance = 3e-5 // of float32, over 16,000 gates in place of 80
		}
		got.compare(t, what, want, tolerance)
		t.Logf("%s: %.1f s, %.0f MB a rank; %+v", what, got.Seconds, got.PeakMB, got.Traffic)
	}
}
