package device

import (
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// Noisy returns a circuit in the device's gates with all of its noise: behind each gate the relaxation of its
// qubits over its duration, and as much depolarising as its error is beyond that; relaxation of the qubits
// that wait, as the schedule as soon as possible has it; errors of readout. Qubit i of the circuit is
// qubits[i] of the device, as transpile.Result.Compact gives them; nil: i itself.
//
// It returns the circuit's own error, and one for a gate that the device does not have, on that pair.
//
// Source: the error model of Qiskit Aer's noise models from backend properties.
func (d Device) Noisy(c *circuit.Circuit, qubits []int) (*circuit.Noisy, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	if qubits == nil {
		for q := range c.Qubits() {
			qubits = append(qubits, q)
		}
	}
	if err := d.checkPlaces(c.Qubits(), qubits); err != nil {
		return nil, err
	}
	schedule, err := circuit.NewSchedule(c, d.Duration, circuit.AsSoon)
	if err != nil {
		return nil, errors.WithMessage(err, "device")
	}
	out := circuit.NewNoisy(c.Qubits())
	err = schedule.Each(func(w circuit.Idle) error { return d.wait(out, w, qubits) },
		func(g circuit.Operation) error { return d.gate(out, g, qubits) })
	if err != nil {
		return nil, err
	}
	if len(d.spec.Readout.P10)+len(d.spec.Readout.P01) > 0 {
		var readout []circuit.Confusion
		for _, q := range qubits {
			r := d.spec.Readout
			readout = append(readout, circuit.Confusion{P10: r.P10.of(q), P01: r.P01.of(q)})
		}
		out.Confuse(readout...)
	}
	return out, out.Err()
}

// Compile returns a circuit as the device runs it, compiled and with all of its noise, on the qubits that it
// uses alone, and where the qubits of the original are at its end. The seed is that of Compiler. It is what
// qops.DeviceScores and qlayer.Swap take. It returns the errors of transpile.Compiler.Run and of Noisy.
func (d Device) Compile(c *circuit.Circuit, seed uint64) (noisy *circuit.Noisy, last []int, err error) {
	r, err := d.Compiler(seed).Run(c)
	if err != nil {
		return nil, nil, err
	}
	part, qubits := r.Compact()
	if noisy, err = d.Noisy(part, qubits); err != nil {
		return nil, nil, err
	}
	for _, q := range r.Last {
		last = append(last, slices.Index(qubits, q))
	}
	return noisy, last, nil
}

func (d Device) checkPlaces(n int, qubits []int) error {
	if len(qubits) != n {
		return errors.Errorf("device: want a qubit of %s for each of %d of the circuit, got %v", d.spec.Name, n,
			qubits)
	}
	for i, q := range qubits {
		if q < 0 || q >= d.spec.Qubits || slices.Contains(qubits[:i], q) {
			return errors.Errorf("device: want different qubits of %s, from 0 to %d, got %v", d.spec.Name,
				d.spec.Qubits-1, qubits)
		}
	}
	return nil
}

// gate appends an operation and its noise.
func (d Device) gate(out *circuit.Noisy, g circuit.Operation, qubits []int) error {
	local := g.AllQubits()
	places := make([]int, len(local))
	for i, q := range local {
		places[i] = qubits[q]
	}
	if len(places) == 2 && !d.coupling.Allows(places[0], places[1]) {
		return errors.Errorf("device: %s does not couple %v for %s: compile the circuit first, see Compiler",
			d.spec.Name, places, g.Name())
	}
	out.Apply(g)
	duration, kept := d.spec.Durations[g.Name()], 1.0
	for i, q := range places {
		c, err := d.relaxation(q, duration)
		if err != nil {
			return err
		}
		if c.Qubits() == 0 {
			continue
		}
		out.Disturb(c, local[i])
		kept *= trace(c) / 4
	}
	name := []string{"", "depolarizing", "depolarizing2"}[len(places)]
	p := depolarizing(d.errorOf(g.Name(), places), kept, len(places))
	if p == 0 {
		return nil
	}
	c, err := circuit.NewChannel(name, p)
	if err != nil {
		return errors.WithMessage(err, "device")
	}
	out.Disturb(c, local...)
	return nil
}

// trace returns that of the transfer matrix of a channel: 4^n times its process fidelity.
func trace(c circuit.Channel) (sum float64) {
	t := c.Transfer()
	for i := 0; i < len(t); i += 5 { // the diagonal of 4 × 4
		sum += t[i]
	}
	return sum
}

// depolarizing returns the probability of the depolarising channel that is left of an average infidelity,
// where relaxation keeps a process fidelity: 0 if that is the larger error.
func depolarizing(infidelity, kept float64, n int) float64 {
	d := float64(int(1) << n)
	relaxed := (d*kept + 1) / (d + 1) // average fidelity of relaxation
	lambda := (relaxed - (1 - infidelity)) / (relaxed - 1/d)
	return max(0, min(1, lambda*(d*d-1)/(d*d)))
}

// errorOf returns the average infidelity of a gate on qubits of the device.
func (d Device) errorOf(name string, qubits []int) float64 {
	sorted := slices.Sorted(slices.Values(qubits))
	for _, x := range d.spec.Exceptions {
		if x.Gate == name && slices.Equal(slices.Sorted(slices.Values(x.Qubits)), sorted) {
			return x.Error
		}
	}
	return d.spec.Errors[name]
}

// relaxation returns the channel of a qubit over a time; the zero value if there is none.
func (d Device) relaxation(q int, time float64) (circuit.Channel, error) {
	if time == 0 || len(d.spec.T1) == 0 {
		return circuit.Channel{}, nil
	}
	c, err := circuit.NewChannel("thermal-relaxation", time, d.spec.T1.of(q), d.spec.T2.of(q), d.spec.Excited)
	return c, errors.WithMessage(err, "device")
}

func (d Device) wait(out *circuit.Noisy, w circuit.Idle, qubits []int) error {
	c, err := d.relaxation(qubits[w.Qubit], w.End-w.Start)
	if err == nil && c.Qubits() > 0 {
		out.Disturb(c, w.Qubit)
	}
	return err
}
