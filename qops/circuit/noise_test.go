package circuit_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

func TestWrongNoise(t *testing.T) {
	noise := func(text string) error { _, err := circuit.ParseNoise(text); return err }
	channel := func(name string, params ...float64) error {
		_, err := circuit.NewChannel(name, params...)
		return err
	}
	kraus := func(k ...circuit.Matrix) error { _, err := circuit.KrausChannel("mine", k...); return err }
	flip, err := circuit.NewChannel("bit-flip", 0.1)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := circuit.NewChannel("depolarizing2", 0.1)
	if err != nil {
		t.Fatal(err)
	}
	apply := func(n circuit.Noise, c *circuit.Circuit) error { _, err := n.Apply(c); return err }
	rule := func(r circuit.NoiseRule) error {
		r.Channel = flip
		return apply(circuit.Noise{After: []circuit.NoiseRule{r}}, circuit.New(2).CX(0, 1))
	}
	relax := func(time float64) (circuit.Channel, error) { return circuit.NewChannel("bit-flip", time) }
	idle := func(r circuit.IdleRule, durations func(circuit.Operation) (float64, error)) error {
		return apply(circuit.Noise{Idle: []circuit.IdleRule{r}, Durations: durations},
			circuit.New(3).H(0).H(1).CX(0, 1).CX(1, 2).CX(0, 1))
	}
	one := circuit.Noise{After: []circuit.NoiseRule{{Channel: flip}}}
	for want, err := range map[string]error{
		`no channel "depolarising" (did you mean depolarizing or depolarizing2?)`: channel("depolarising", 0.1),
		"channel bit-flip: the number is 1.5, want it in [0,1]":                   channel("bit-flip", 1.5),
		"is NaN, want a finite number":                                            channel("bit-flip", math.NaN()),
		"want 1 number (p), got 0":                                                channel("bit-flip"),
		"want 3 numbers (px, py, pz), got 1":                                      channel("pauli", 1),
		"add up to 1.1, want at most 1":                                           channel("pauli", 0.5, 0.4, 0.2),
		"T2 is 30, want at most 2·T1 = 20": channel(
			"thermal-relaxation", 1, 10, 30, 0),
		"time is -1, want 0 or more": channel(
			"thermal-relaxation", -1, 10, 10, 0),
		"want both above 0": channel(
			"thermal-relaxation", 1, 0, 10, 0),
		"p1 is 2, want it in [0,1]": channel(
			"generalized-amplitude-damping", 0.1, 2),
		"p0 and p1 add up to 1.2":                channel("reset-error", 0.6, 0.6),
		"want at least one Kraus operator":       kraus(),
		"want square matrices of 2 or of 4 rows": kraus(circuit.Matrix{1, 0, 0}),
		"off the identity by 0.5": kraus(circuit.Matrix{1, 0,
			0, complex(math.Sqrt(0.5), 0)}),
		`noise "depolarizing": want NAME=NUMBER`:  noise("depolarizing"),
		`want numbers behind =, got "x"`:          noise("bit-flip=x"),
		"P(1|0) is 2, want it in [0,1]":           noise("readout=2"),
		"want one number or P(1|0):P(0|1), got 3": noise("readout=0:0:0"),
		"circuit: Disturb: qubit 5 out of range [0,2)": circuit.NewNoisy(
			2).Disturb(flip, 5).Err(),
		"want 2 different qubits for depolarizing2(0.1)": circuit.NewNoisy(
			2).Disturb(pair, 1, 1).Err(),
		"want a channel from NewChannel": circuit.NewNoisy(
			2).Disturb(circuit.Channel{}, 1).Err(),
		"want a Confusion for each of 2 qubits, got 1": circuit.NewNoisy(
			2).Confuse(circuit.Confusion{}).Err(),
		"qubit 1: P(0|1) is -1": circuit.NewNoisy(
			2).Confuse(circuit.Confusion{}, circuit.Confusion{P01: -1}).Err(),
		`rule 0: there is no gate "cxx" (did you mean cx`: rule(
			circuit.NoiseRule{Gate: "cxx"}),
		"rule 0: Size is 3, want 1 or 2": rule(circuit.NoiseRule{Size: 3}),
		"rule 0: qubit 5 out of range [0,2)": rule(
			circuit.NoiseRule{Qubits: []int{5}}),
		"Size is 1, and Qubits are [0 1]": rule(
			circuit.NoiseRule{Size: 1, Qubits: []int{0, 1}}),
		"is on two qubits, and Size is 1": apply(
			circuit.Noise{After: []circuit.NoiseRule{{Size: 1, Channel: pair}}}, circuit.New(2)),
		`noise "bit-flip=0.1,": there is nothing before or behind a comma`: noise("bit-flip=0.1,"),
		"want a channel of one qubit, or Over":                             noise("idle:depolarizing2=0.1"),
		"a noise is a channel, or idle:CHANNEL":                            noise("idle:x=0.1"),
		"idle rule 0: want a channel of one qubit, or Over": apply(
			circuit.Noise{Idle: make([]circuit.IdleRule, 1)}, circuit.New(1)),
		"idle rule 0: want a Channel or Over, got both": idle(
			circuit.IdleRule{Channel: flip, Over: relax}, nil),
		"idle rule 0: want Over with Durations": idle(
			circuit.IdleRule{Channel: flip}, circuit.Durations(nil)),
		"idle rule 0: qubit 7 out of range [0,3)": idle(
			circuit.IdleRule{Channel: flip, Qubits: []int{7}}, nil),
		"the gate h has no duration": idle(
			circuit.IdleRule{Over: relax}, circuit.Durations(nil)),
		"idle rule 0: circuit: channel bit-flip: the number is 3": idle(
			circuit.IdleRule{Over: relax}, func(circuit.Operation) (float64, error) { return 3, nil }),
		"function Over of an IdleRule": idle(
			circuit.IdleRule{Over: func(float64) (circuit.Channel, error) { panic("mine") }}, nil),
		"want a channel of one qubit from Over": idle(
			circuit.IdleRule{Over: func(float64) (circuit.Channel, error) { return pair, nil }}, nil),
		"readout is given twice": noise("readout=0.1,readout=0.2"),
		"ccx is on 3 qubits": apply(one,
			circuit.New(3).CCX(0, 1, 2)),
		"rule 0: has no channel": apply(
			circuit.Noise{After: make([]circuit.NoiseRule, 1)}, circuit.New(1)),
		"qubit 9 out of range": apply(one, circuit.New(1).H(9)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestNoiseApplies: channels come behind the gates that their rules fit, on their qubits.
func TestNoiseApplies(t *testing.T) {
	n, err := circuit.ParseNoise("depolarizing=0.01, amplitude-damping=0.02,readout=0.03:0.04")
	if err != nil {
		t.Fatal(err)
	}
	flip, err := circuit.NewChannel("bit-flip", 0.1)
	if err != nil {
		t.Fatal(err)
	}
	n.After = append(n.After, circuit.NoiseRule{Gate: "cx", Qubits: []int{2, 0}, Channel: flip})
	noisy, err := n.Apply(circuit.New(3).H(1).CX(0, 2).CX(0, 1))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range noisy.Steps() {
		if s.Channel.Qubits() == 0 {
			got = append(got, s.Operation.Name())
			continue
		}
		qubits := ""
		for _, q := range s.Qubits {
			qubits += string(rune('0' + q))
		}
		got = append(got, s.Channel.Name()+qubits)
	}
	want := "h depolarizing1 amplitude-damping1 " +
		"cx depolarizing202 amplitude-damping0 amplitude-damping2 bit-flip0 bit-flip2 " +
		"cx depolarizing201 amplitude-damping0 amplitude-damping1"
	if s := strings.Join(got, " "); s != want || noisy.Channels() != 10 || len(noisy.Readout()) != 3 {
		t.Errorf("%s, %d channels, readout %v", s, noisy.Channels(), noisy.Readout())
	}
}

// TestIdleNoise: channels come where qubits wait, once a layer, or over a time by durations.
func TestIdleNoise(t *testing.T) {
	layers, err := circuit.ParseNoise("bit-flip=0.1,idle:phase-damping=0.2,idle:amplitude-damping=0.3")
	if err != nil {
		t.Fatal(err)
	}
	layers.Idle[1].Qubits = []int{2}
	timed := circuit.Noise{Durations: circuit.Durations(map[string]float64{"h": 0.25, "cx": 2}),
		Idle: []circuit.IdleRule{{Over: func(time float64) (circuit.Channel, error) {
			return circuit.NewChannel("thermal-relaxation", time, 100, 90, 0)
		}}}}
	// layers: h0 h2; cx01; h1; cx12; h0 is in the third
	c := circuit.New(4).H(0).H(2).CX(0, 1).H(1).CX(1, 2).H(0)
	for want, n := range map[string]circuit.Noise{
		"h bit-flip0 h bit-flip2 cx bit-flip0 bit-flip1 h bit-flip1 " +
			"phase-damping2 phase-damping2 amplitude-damping2 amplitude-damping2 cx bit-flip1 bit-flip2 " +
			"h bit-flip0 phase-damping0": layers,
		"h h cx h thermal-relaxation(2.25, 100, 90, 0) 2 cx h thermal-relaxation(2, 100, 90, 0) 0": timed,
	} {
		noisy, err := n.Apply(c)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range noisy.Steps() {
			switch {
			case s.Channel.Qubits() == 0:
				got = append(got, s.Operation.Name())
			case s.Channel.Name() == "thermal-relaxation":
				got = append(got, fmt.Sprint(s.Channel, s.Qubits[0]))
			default:
				got = append(got, fmt.Sprint(s.Channel.Name(), s.Qubits[0]))
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("got  %s\nwant %s", s, want)
		}
	}
}

// TestManyChannels: there is a limit, and one mistake for all that follow.
func TestManyChannels(t *testing.T) {
	flip, err := circuit.NewChannel("bit-flip", 0.1)
	if err != nil {
		t.Fatal(err)
	}
	c := circuit.NewNoisy(1)
	for range circuit.MaxOperations + 5 {
		c.Disturb(flip, 0)
	}
	if err := c.Err(); err == nil || !strings.Contains(err.Error(), "at most 1048576 channels") ||
		c.Channels() != circuit.MaxOperations {
		t.Errorf("error %v of %d channels", err, c.Channels())
	}
}
