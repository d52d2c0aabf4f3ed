package scaling

import (
	"bufio"
	_ "embed"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec/split"
)

//go:embed runs.txt
var own string

// Own returns the runs that this package was fitted to and checked against; runs.txt says on what machine.
func Own() (*Runs, error) { return ReadRuns(strings.NewReader(own)) }

// Run is a line that hqvit bench has printed, in a file of runs: behind "fit" or "check".
type Run struct {
	Fit    bool
	Kind   string // "state", or the name of a model
	Fields map[string]float64
	Double bool
}

// Runs are lines of hqvit bench.
type Runs struct {
	All []Run
}

// ReadRuns reads a file of runs: lines of hqvit bench behind the word fit or check, and comments behind #. It
// returns an error for any other line.
func ReadRuns(r io.Reader) (*Runs, error) {
	runs, lines := &Runs{}, bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		run := Run{Fit: words[0] == "fit", Fields: map[string]float64{}}
		if len(words) < 5 || words[1] != "hqvit" || !run.Fit && words[0] != "check" {
			return nil, errors.Errorf("line %d: want fit or check and a line of hqvit bench, got %q", number,
				lines.Text())
		}
		run.Kind = words[3]
		for _, w := range words[4:] {
			name, value, _ := strings.Cut(w, "=")
			if name == "dtype" {
				run.Double = value == "float64"
				continue
			}
			v, err := strconv.ParseFloat(value, 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, errors.Errorf("line %d: %s is no number", number, w)
			}
			run.Fields[name] = v
		}
		if err := run.check(); err != nil {
			return nil, errors.WithMessagef(err, "line %d", number)
		}
		runs.All = append(runs.All, run)
	}
	return runs, errors.WithStack(lines.Err())
}

func (r *Run) check() error {
	names := []string{"params", "train_images_per_s"}
	switch r.Kind {
	case "optimizer":
		names = []string{"params", "update_us", "add_us"}
	case "state":
		names = []string{"qubits", "layers", "ranks", "forward_ms", "gradient_ms", "exchange_ms"}
	}
	for _, name := range names {
		if v, ok := r.Fields[name]; !ok || !(v >= 0) {
			return errors.Errorf("want %s of 0 or more", name)
		}
	}
	return nil
}

// seconds returns a time of a run of a state: of the fastest round if that is known, because others may have
// used the machine too.
func (r *Run) seconds(what string) float64 {
	if ms, ok := r.Fields["fastest_"+what+"_ms"]; ok {
		return ms / 1e3
	}
	return r.Fields[what+"_ms"] / 1e3
}

// ranks returns 1 for a run that has no ranks.
func (r *Run) ranks() int { return max(1, int(r.Fields["ranks"])) }

// Machine is what the runs to be fitted say of a machine: of one thread a rank, in float32.
type Machine struct {
	Network     Network // between ranks on it
	States      States
	Update, Add float64 // seconds of a parameter in an update, and in the sum of two gradients
}

// LayeredCircuit returns the circuit of hqvit bench --circuit, qlayer.Entangling, on up to 50 qubits.
func LayeredCircuit(qubits, layers int) *circuit.Circuit {
	c, next := circuit.NewLarge(qubits), 0
	angle := func() circuit.Angle { next++; return circuit.Theta(next - 1) }
	for range layers {
		for q := range qubits {
			c.RY(q, angle()).RZ(q, angle())
		}
		for q := 0; q < qubits && qubits > 1; q++ {
			c.CX(q, (q+1)%qubits)
		}
	}
	return c
}

// LayeredLoad returns what LayeredCircuit is for a rank.
func LayeredLoad(qubits, layers, ranks int) (Load, error) {
	c := LayeredCircuit(qubits, layers)
	plan, err := split.NewPlan(c, ranks, split.Options{})
	if err != nil {
		return Load{}, err
	}
	t := plan.Traffic()
	l := Load{Local: plan.Start().Local(), Gates: len(c.Operations()), Exchanges: t.Exchanges,
		Messages: float64(t.Messages), Amplitudes: t.Amplitudes}
	l.Parts = max(l.Messages, t.Amplitudes/split.ChunkAmplitudes)
	return l, nil
}

// Fit returns the machine of the runs to be fitted, by least squares of relative errors: a run that others
// have slowed down counts less than one that they have not. It returns an error for too few runs: it wants
// one of a state on one rank, as large as those that are to be predicted, and several on two ranks that
// differ in what they exchange.
func (r *Runs) Fit() (Machine, error) {
	var m Machine
	m.States.Bytes = 8
	var forward, gradient slope
	var exchange slopes
	for _, run := range r.All {
		if run.Fit && run.Kind == "optimizer" {
			m.Update, m.Add = run.Fields["update_us"]/1e6/run.Fields["params"],
				run.Fields["add_us"]/1e6/run.Fields["params"]
		}
		if !run.Fit || run.Kind != "state" || run.Double {
			continue
		}
		l, err := LayeredLoad(int(run.Fields["qubits"]), int(run.Fields["layers"]), run.ranks())
		if err != nil {
			return m, err
		}
		if run.ranks() == 1 {
			forward.add(l.work(), run.seconds("forward"))
			gradient.add(l.work(), run.seconds("gradient"))
		} else {
			exchange.add(3*l.Parts, 3*l.Amplitudes*m.States.Bytes, run.seconds("exchange"))
		}
	}
	var err error
	if m.States.Gate, err = forward.solve(); err != nil {
		return m, err
	}
	if m.States.Gradient, err = gradient.solve(); err != nil {
		return m, err
	}
	latency, perByte, err := exchange.solve()
	if err == nil && perByte == 0 {
		err = errors.New("the runs say that bytes cost nothing: want runs with more of them")
	}
	if err != nil {
		return m, errors.WithMessage(err, "exchanges")
	}
	m.Network = Network{Name: "here", Latency: latency, Bandwidth: 1 / perByte, Source: "fitted"}
	return m, nil
}

// slope is y = a·u by least squares of relative errors.
type slope struct{ uu, u float64 }

func (f *slope) add(u, y float64) {
	if y > 0 {
		f.uu, f.u = f.uu+u/y*u/y, f.u+u/y
	}
}

func (f *slope) solve() (float64, error) {
	if f.uu == 0 {
		return 0, errors.New("want a run of a state on one rank to fit, got none")
	}
	return f.u / f.uu, nil
}

// slopes is y = a·u + b·v with a, b ≥ 0, by least squares of relative errors.
type slopes struct {
	uu, uv, vv, u, v float64
	count            int
}

func (f *slopes) add(u, v, y float64) {
	if !(y > 0) {
		return
	}
	u, v = u/y, v/y
	f.uu, f.uv, f.vv, f.u, f.v = f.uu+u*u, f.uv+u*v, f.vv+v*v, f.u+u, f.v+v
	f.count++
}

func (f *slopes) solve() (a, b float64, err error) {
	d := f.uu*f.vv - f.uv*f.uv
	if f.count < 2 || !(d > 1e-9*f.uu*f.vv) {
		return 0, 0, errors.Errorf("want two or more runs to fit that differ in parts and bytes, got %d", f.count)
	}
	a, b = (f.u*f.vv-f.v*f.uv)/d, (f.v*f.uu-f.u*f.uv)/d
	switch {
	case a < 0:
		return 0, f.v / f.vv, nil
	case b < 0:
		return f.u / f.uu, 0, nil
	}
	return a, b, nil
}

// Check is a figure of a run beside what the machine predicts.
type Check struct {
	Run                 Run
	What                string
	Measured, Predicted float64 // seconds
}

// Error returns the relative error of the prediction.
func (c Check) Error() float64 { return c.Predicted/c.Measured - 1 }

// Checks returns figures of runs of states, of those that were fitted or of those that were not.
func (r *Runs) Checks(m Machine, fitted bool) ([]Check, error) {
	var out []Check
	for _, run := range r.All {
		if run.Fit != fitted || run.Kind != "state" || run.Double {
			continue
		}
		l, err := LayeredLoad(int(run.Fields["qubits"]), int(run.Fields["layers"]), run.ranks())
		if err != nil {
			return nil, err
		}
		forward, _ := m.States.Forward(l, m.Network)
		gradient, exchange := m.States.Backward(l, m.Network)
		out = append(out, Check{run, "forward", run.seconds("forward"), forward},
			Check{run, "gradient", run.seconds("gradient"), gradient})
		if exchange > 0 {
			out = append(out, Check{run, "exchange", run.seconds("exchange"), exchange})
		}
	}
	return out, nil
}

// Training returns the step of a model from its run on one rank, and the checks of its runs on several. The
// time of an image is that of the run, with the update in it taken out.
func (r *Runs) Training(model string, batch, micro int, m Machine) (Training, []Check, error) {
	t := Training{Batch: batch, Micro: micro}
	for _, run := range r.All {
		if run.Fit && run.Kind == model && run.ranks() == 1 {
			params := run.Fields["params"]
			t.Bytes, t.Update, t.Add = 4*params, m.Update*params, m.Add*params
			t.Image = 1/run.Fields["train_images_per_s"] - t.Update/float64(batch)
		}
	}
	if !(t.Image > 0) {
		return t, nil, errors.Errorf("no run of %s on one rank to fit: add a line of hqvit bench", model)
	}
	var checks []Check
	for _, run := range r.All {
		if run.Kind == model && run.ranks() > 1 {
			checks = append(checks, Check{run, "step", float64(batch) / run.Fields["train_images_per_s"],
				t.On(run.ranks(), m.Network).Total()})
			if us, ok := run.Fields["exchange_us_per_step"]; ok {
				checks = append(checks, Check{run, "exchange", us / 1e6, t.On(run.ranks(), m.Network).Exchange})
			}
		}
	}
	return t, checks, nil
}
