package device

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// integers returns the numbers behind the first word.
func integers(words []string) (out []int, err error) {
	for i := 1; i < len(words); i++ {
		n, err := strconv.Atoi(words[i])
		if err != nil {
			return nil, errors.Errorf("want a number, got %q", words[i])
		}
		out = append(out, n)
	}
	return out, nil
}

// check returns an error for figures that cannot be.
func (s *spec) check(gates circuit.GateSet, coupling circuit.Coupling) error {
	for name, list := range map[string]perQubit{"t1": s.T1, "t2": s.T2, "readout.p10": s.Readout.P10,
		"readout.p01": s.Readout.P01} {
		if len(list) > 1 && len(list) != s.Qubits {
			return errors.Errorf("%s: want one number or %d, got %d", name, s.Qubits, len(list))
		}
	}
	if (len(s.T1) == 0) != (len(s.T2) == 0) {
		return errors.New("t1 and t2: want both or neither")
	}
	if !finite(s.Excited, 1) {
		return errors.Errorf("excited is %v, want it in [0,1]", s.Excited)
	}
	for q := range s.Qubits {
		if t1, t2 := s.T1.of(q), s.T2.of(q); len(s.T1) > 0 && (!(t1 > 0) || !(t2 > 0) || t2 > 2*t1) {
			return errors.Errorf("qubit %d: want T1 and T2 above 0 and T2 of at most 2·T1, got %v and %v", q,
				t1, t2)
		}
		if p, r := s.Readout.P10.of(q), s.Readout.P01.of(q); !finite(p, 1) || !finite(r, 1) {
			return errors.Errorf("readout of qubit %d: want probabilities in [0,1], got %v and %v", q, p, r)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Durations)) {
		if t := s.Durations[name]; !gates.Has(name) || !finite(t, math.MaxFloat64) {
			return errors.Errorf("durations.%s is %v: want seconds of one of the gates %v", name, t, gates)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Errors)) {
		if e := s.Errors[name]; !gates.Has(name) || !finite(e, 0.5) {
			return errors.Errorf("errors.%s is %v: want an infidelity of 0 to 0.5 of one of the gates %v", name, e,
				gates)
		}
	}
	for _, x := range s.Exceptions {
		if err := x.check(s, gates, coupling); err != nil {
			return err
		}
	}
	return nil
}

func (x exception) check(s *spec, gates circuit.GateSet, coupling circuit.Coupling) error {
	gate, known := circuit.Named(x.Gate)
	switch {
	case !known || !gates.Has(x.Gate):
		return errors.Errorf("exceptions: no gate %q among %v", x.Gate, gates)
	case !finite(x.Error, 0.5):
		return errors.Errorf("exceptions: %s on %v: error %v, want an infidelity of 0 to 0.5", x.Gate, x.Qubits,
			x.Error)
	case len(x.Qubits) != gate.Qubits():
		return errors.Errorf("exceptions: %s: want %d qubits, got %v", x.Gate, gate.Qubits(), x.Qubits)
	}
	for _, q := range x.Qubits {
		if q < 0 || q >= s.Qubits {
			return errors.Errorf("exceptions: %s: qubit %d out of range [0,%d)", x.Gate, q, s.Qubits)
		}
	}
	if len(x.Qubits) == 2 && !coupling.Allows(x.Qubits[0], x.Qubits[1]) &&
		!coupling.Allows(x.Qubits[1], x.Qubits[0]) {
		return errors.Errorf("exceptions: %s: the map does not couple %v", x.Gate, x.Qubits)
	}
	return nil
}
