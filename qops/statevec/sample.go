package statevec

import (
	"context"
	"math"
	"sort"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/qops/circuit"
)

// maxTurns bounds the turns of one loop of a shot.
const maxTurns = 1 << 20

// Sample runs a dynamic circuit from |0…0⟩ so many times and counts what its classical bits are at the end:
// by a text of one 0 or 1 a bit, bit 0 first. The random numbers of a shot follow from the seed and its
// number alone. Measurements at the end are drawn from one state; with measurements, resets or conditions
// before, each shot is a run of its own from the first of them on.
//
// It returns the errors of Compile and of the context, and one for too few theta or data, less than one
// shot, an opaque gate, and a loop that does not end within 2^20 turns.
func Sample(ctx context.Context, d *circuit.Dynamic, theta, data []float64, shots int, seed uint64) (
	map[string]int, error) {
	if shots < 1 {
		return nil, errors.Errorf("statevec: want at least 1 shot, got %d", shots)
	}
	if ctx == nil {
		return nil, errors.New("statevec: the context is nil")
	}
	s, err := newSampler(d, theta, data)
	if err != nil {
		return nil, err
	}
	s.ctx = ctx
	counts := map[string]int{}
	text := make([]byte, len(s.bits))
	for shot := range shots {
		s.random = splitmix.Source(splitmix.Mix(splitmix.Mix(seed) ^ uint64(shot)))
		if err := s.shot(); err != nil {
			return nil, err
		}
		for i, on := range s.bits {
			text[i] = '0'
			if on {
				text[i] = '1'
			}
		}
		counts[string(text)]++
	}
	return counts, nil
}

// sampler runs shots.
type sampler struct {
	ctx         context.Context
	qubits      int
	theta, data []float64
	steps       []shotStep
	start, psi  []float64 // the state before the first step of a shot, and that at work
	bits        []bool
	random      splitmix.Source

	readout    []circuit.Readout // if all measurements are at the end,
	cumulative []float64         // and then the probabilities of states, summed
}

// shotStep is a run of gates, or another instruction.
type shotStep struct {
	*circuit.Instruction
	gates       *Executor[float64] // nil for other instructions
	then, els   []shotStep
	theta, data int // how many angles the gates take
}

func newSampler(d *circuit.Dynamic, theta, data []float64) (*sampler, error) {
	if err := d.Err(); err != nil {
		return nil, errors.WithMessage(err, "statevec")
	}
	if err := checkNumQubits(d.Qubits()); err != nil {
		return nil, err
	}
	if r := d.Resources(); len(theta) < r.Theta || len(data) < r.Data {
		return nil, errors.Errorf("statevec: want %d theta and %d data, got %d and %d", r.Theta, r.Data,
			len(theta), len(data))
	}
	s := &sampler{qubits: d.Qubits(), theta: theta, data: data, bits: make([]bool, d.Bits())}
	s.start = make([]float64, 2<<s.qubits)
	s.start[0] = 1
	if c, readout, err := d.Unitary(); err == nil && !hasAssignments(d) {
		run, err := s.gates(c)
		if err != nil {
			return nil, err
		}
		if err := s.apply(run, s.start); err != nil {
			return nil, err
		}
		s.readout, s.cumulative = readout, make([]float64, 1<<s.qubits)
		sum := 0.0
		for i := range s.cumulative {
			sum += s.start[2*i]*s.start[2*i] + s.start[2*i+1]*s.start[2*i+1]
			s.cumulative[i] = sum
		}
		return s, nil
	}
	var err error
	if s.steps, err = s.compile(d.Body); err != nil {
		return nil, err
	}
	for len(s.steps) > 0 && s.steps[0].gates != nil { // the same in every shot
		if err := s.apply(s.steps[0], s.start); err != nil {
			return nil, err
		}
		s.steps = s.steps[1:]
	}
	s.psi = make([]float64, len(s.start))
	return s, nil
}

func hasAssignments(d *circuit.Dynamic) bool {
	found := false
	d.Each(func(in *circuit.Instruction) { found = found || in.Kind == circuit.Assign })
	return found
}

// gates returns a step of gates.
func (s *sampler) gates(c *circuit.Circuit) (shotStep, error) {
	plan, err := Compile[float64](c)
	if err != nil {
		return shotStep{}, err
	}
	return shotStep{gates: plan.NewExecutor(1), theta: plan.NumTheta(), data: plan.NumData()}, nil
}

func (s *sampler) apply(run shotStep, psi []float64) error {
	return run.gates.Apply(1, s.theta[:run.theta], s.data[:run.data], psi, psi)
}

// compile makes steps of instructions, one of neighbouring gates.
func (s *sampler) compile(body []circuit.Instruction) ([]shotStep, error) {
	var out []shotStep
	run := circuit.New(s.qubits)
	flush := func() error {
		if len(run.Operations()) == 0 {
			return nil
		}
		step, err := s.gates(run)
		out, run = append(out, step), circuit.New(s.qubits)
		return err
	}
	for i := range body {
		in := &body[i]
		switch in.Kind {
		case circuit.Apply:
			run.Control(in.Controls, in.Gate, in.Angles, in.Qubits...)
			continue
		case circuit.Barrier:
			continue
		case circuit.Opaque:
			return nil, errors.Errorf("statevec: line %d: %s has no definition, and cannot be run", in.Line,
				in.Name())
		}
		if err := flush(); err != nil {
			return nil, err
		}
		step := shotStep{Instruction: in}
		var err error
		if step.then, err = s.compile(in.Then); err != nil {
			return nil, err
		}
		if step.els, err = s.compile(in.Else); err != nil {
			return nil, err
		}
		out = append(out, step)
	}
	return out, flush()
}

// shot sets the bits to the outcome of one run.
func (s *sampler) shot() error {
	clear(s.bits)
	if s.cumulative != nil {
		last := len(s.cumulative) - 1
		u := s.random.Float64() * s.cumulative[last]
		state := min(last, sort.Search(last, func(i int) bool { return s.cumulative[i] > u }))
		for _, r := range s.readout {
			if r.Bit >= 0 {
				s.bits[r.Bit] = state>>(s.qubits-1-r.Qubit)&1 == 1
			}
		}
		return s.cancelled()
	}
	copy(s.psi, s.start)
	return s.run(s.steps)
}

func (s *sampler) cancelled() error { return errors.WithMessage(s.ctx.Err(), "statevec") }

func (s *sampler) run(steps []shotStep) error {
	for _, step := range steps {
		if err := s.cancelled(); err != nil {
			return err
		}
		if step.gates != nil {
			if err := s.apply(step, s.psi); err != nil {
				return err
			}
			continue
		}
		switch step.Kind {
		case circuit.Measure:
			for i, q := range step.Qubits {
				on := s.measure(q, false)
				if len(step.Bits) > 0 {
					s.bits[step.Bits[i]] = on
				}
			}
		case circuit.Reset:
			for _, q := range step.Qubits {
				s.measure(q, true)
			}
		case circuit.Assign:
			s.bits[step.Bits[0]] = step.When.Holds(s.bits)
		case circuit.Branch:
			part := step.els
			if step.When.Holds(s.bits) {
				part = step.then
			}
			if err := s.run(part); err != nil {
				return err
			}
		case circuit.Repeat:
			for turn := 0; step.When.Holds(s.bits); turn++ {
				if turn == maxTurns {
					return errors.Errorf("statevec: line %d: the loop has not ended after %d turns",
						step.Line, maxTurns)
				}
				if err := s.run(step.then); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// measure draws what a qubit is and leaves the state that then remains, with the qubit flipped to 0 if reset
// is set.
func (s *sampler) measure(q int, reset bool) bool {
	block := 2 << (s.qubits - 1 - q) // numbers of neighbouring amplitudes with the same value of the qubit
	var weight [2]float64
	for i := 0; i < len(s.psi); i += block {
		w := 0.0
		for _, x := range s.psi[i : i+block] {
			w += x * x
		}
		weight[i/block%2] += w
	}
	on := s.random.Float64()*(weight[0]+weight[1]) < weight[1]
	kept := weight[0]
	if on {
		kept = weight[1]
	}
	scale := 1 / math.Sqrt(kept)
	for i := 0; i < len(s.psi); i += 2 * block {
		zero, one := s.psi[i:i+block], s.psi[i+block:i+2*block]
		if on {
			zero, one = one, zero
		}
		clear(one)
		for j := range zero {
			zero[j] *= scale
		}
		if on && reset {
			copy(one, zero)
			clear(zero)
		}
	}
	return on
}
