package circuit_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// TestSchedule: h takes 1 s, cx 3 s, rz nothing.
func TestSchedule(t *testing.T) {
	c := circuit.New(4).H(0).H(1).H(1).RZ(1, circuit.Theta(0)).CX(0, 1).H(2).CX(1, 2).H(0)
	durations := circuit.Durations(map[string]float64{"h": 1, "cx": 3, "rz": 0})
	for when, want := range map[circuit.When]string{
		circuit.AsSoon: "h 0-1; h 0-1; h 1-2; rz 2-2; cx 2-5; h 0-1; cx 5-8; h 5-6; " +
			"length 8 [{0 1 2 4} {0 6 8 8} {2 1 5 6}]",
		circuit.AsLate: "h 1-2; h 0-1; h 1-2; rz 2-2; cx 2-5; h 4-5; cx 5-8; h 7-8; " +
			"length 8 [{0 5 7 7}]",
	} {
		s, err := circuit.NewSchedule(c, durations, when)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, step := range s.Steps {
			got += fmt.Sprintf("%s %g-%g; ", step.Name(), step.Start, step.End)
		}
		got += fmt.Sprintf("length %g %v", s.Length, s.Idle)
		if got != want {
			t.Errorf("%d:\n got %s\nwant %s", when, got, want)
		}
	}
}

func TestScheduleErrors(t *testing.T) {
	c := circuit.New(1).H(0)
	gives := func(d float64, err error) func(circuit.Operation) (float64, error) {
		return func(circuit.Operation) (float64, error) { return d, err }
	}
	for want, call := range map[string]func() (*circuit.Schedule, error){
		"the circuit is nil": func() (*circuit.Schedule, error) {
			return circuit.NewSchedule(nil, gives(1, nil), circuit.AsSoon)
		},
		"got nil": func() (*circuit.Schedule, error) {
			return circuit.NewSchedule(c, nil,
				circuit.AsSoon)
		},
		"want AsSoon or AsLate, got 7": func() (*circuit.Schedule, error) {
			return circuit.NewSchedule(c, gives(1, nil), 7)
		},
		"operation 0, h: the gate h has no duration": func() (*circuit.Schedule, error) {
			return circuit.NewSchedule(c, circuit.Durations(nil), circuit.AsSoon)
		},
		"at least 0 s, got -1": func() (*circuit.Schedule, error) {
			return circuit.NewSchedule(c, gives(-1, nil), circuit.AsSoon)
		},
		"at least 0 s, got NaN": func() (*circuit.Schedule, error) {
			return circuit.NewSchedule(c, gives(math.NaN(), nil), circuit.AsLate)
		},
		"unknown": func() (*circuit.Schedule, error) {
			return circuit.NewSchedule(c, gives(0, errors.New("unknown")), circuit.AsSoon)
		},
		"the duration function": func() (*circuit.Schedule, error) {
			return circuit.NewSchedule(c, func(circuit.Operation) (float64, error) { panic("mine") },
				circuit.AsSoon)
		},
	} {
		if _, err := call(); err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(want, "the ")) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
