// Package device has quantum devices as data: their gates, the pairs of qubits that these act on, how long
// they take and how often they fail.
//
//	d, err := device.Named("superconducting-19")
//	r, err := d.Compiler(1).Run(c)       // in the device's gates, on its pairs
//	part, qubits := r.Compact()
//	noisy, err := d.Noisy(part, qubits)  // with the errors of gates, of waiting and of readout
//
// A device is a file in YAML, read by Parse and Read. Two are built in; their figures are plausible for their
// kind, and are those of no single device.
package device

import (
	"embed"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/transpile"
)

//go:embed devices/*.yaml
var files embed.FS

// Device is a quantum device. It is made by Named, Parse or Read and never changes.
type Device struct {
	spec     spec
	gates    circuit.GateSet
	coupling circuit.Coupling
}

// spec is a device's file.
type spec struct {
	Name   string `yaml:"name"`
	About  string `yaml:"about"`
	Qubits int    `yaml:"qubits"`
	Gates  string `yaml:"gates"` // of circuit.ParseGateSet
	// Coupling is all, line, ring, "grid R C", "heavy-hex D" or pairs; Pairs then lists these.
	Coupling string   `yaml:"coupling"`
	Pairs    [][2]int `yaml:"pairs"`
	Directed bool     `yaml:"directed"`

	T1      perQubit `yaml:"t1"` // seconds
	T2      perQubit `yaml:"t2"`
	Excited float64  `yaml:"excited"` // population of |1⟩ in equilibrium

	Durations map[string]float64 `yaml:"durations"` // seconds, by gate
	// Errors are average gate infidelities, by gate; Exceptions those of a gate on certain qubits.
	Errors     map[string]float64 `yaml:"errors"`
	Exceptions []exception        `yaml:"exceptions"`
	Readout    readout            `yaml:"readout"`
}

type exception struct {
	Gate   string  `yaml:"gate"`
	Qubits []int   `yaml:"qubits"`
	Error  float64 `yaml:"error"`
}

type readout struct {
	P10 perQubit `yaml:"p10"` // of reading 1 where it is 0
	P01 perQubit `yaml:"p01"`
}

// perQubit is a number for all qubits, or one for each.
type perQubit []float64

// UnmarshalYAML reads a number or a list of them.
func (p *perQubit) UnmarshalYAML(text []byte) error {
	var one float64
	if err := yaml.Unmarshal(text, &one); err == nil {
		*p = perQubit{one}
		return nil
	}
	var list []float64
	if err := yaml.Unmarshal(text, &list); err != nil {
		return errors.Errorf("want a number or a list of numbers, got %q", strings.TrimSpace(string(text)))
	}
	*p = list
	return nil
}

func (p perQubit) of(q int) float64 {
	switch len(p) {
	case 0:
		return 0
	case 1:
		return p[0]
	}
	return p[q]
}

// Names returns the names of the built-in devices.
func Names() []string {
	entries, err := files.ReadDir("devices")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// Named returns a built-in device, or an error that lists them.
func Named(name string) (Device, error) {
	if !slices.Contains(Names(), name) {
		return Device{}, errors.Errorf("device: no device %q%s; there are %s", name,
			suggest.Among(name, Names()), strings.Join(Names(), ", "))
	}
	text, err := files.ReadFile("devices/" + name + ".yaml")
	if err != nil {
		return Device{}, errors.Wrap(err, "device")
	}
	return Parse(text)
}

// Open returns the built-in device of a name, or else the device of a file with that path.
func Open(nameOrPath string) (Device, error) {
	if slices.Contains(Names(), nameOrPath) {
		return Named(nameOrPath)
	}
	if _, err := os.Stat(nameOrPath); err != nil && !strings.ContainsAny(nameOrPath, "./\\") {
		return Named(nameOrPath) // whose error lists the names
	}
	return Read(nameOrPath)
}

// Read returns the device of a file. It returns the errors of reading it and of Parse.
func Read(path string) (Device, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Device{}, errors.Wrap(err, "device")
	}
	d, err := Parse(text)
	return d, errors.WithMessage(err, path)
}

// Parse returns the device of a text in YAML. It returns an error for a key that does not exist, and for what
// cannot be: a map that is not connected, T2 above 2·T1, probabilities outside [0,1], a list of another
// length than there are qubits, a gate that the device does not have.
func Parse(text []byte) (Device, error) {
	var d Device
	if err := yaml.UnmarshalWithOptions(text, &d.spec, yaml.Strict()); err != nil {
		return Device{}, errors.Errorf("device: %s", firstLine(yaml.FormatError(err, false, false)))
	}
	if err := d.build(); err != nil {
		return Device{}, errors.WithMessage(err, "device")
	}
	return d, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func (d *Device) build() (err error) {
	s := &d.spec
	if s.Qubits < 1 || s.Qubits > circuit.MaxQubits {
		return errors.Errorf("qubits: want 1 to %d, got %d", circuit.MaxQubits, s.Qubits)
	}
	if d.gates, err = circuit.ParseGateSet(s.Gates); err != nil {
		return errors.WithMessage(err, "gates")
	}
	if d.coupling, err = s.couple(); err != nil {
		return errors.WithMessage(err, "coupling")
	}
	return s.check(d.gates, d.coupling)
}

// couple returns the coupling map.
func (s *spec) couple() (c circuit.Coupling, err error) {
	words := strings.Fields(s.Coupling)
	numbers, err := integers(words)
	kind := ""
	if len(words) > 0 {
		kind = words[0]
	}
	switch {
	case err != nil:
		return c, err
	case kind == "all" && len(numbers) == 0:
		c = circuit.AllToAll(s.Qubits)
	case kind == "line" && len(numbers) == 0:
		c = circuit.Line(s.Qubits)
	case kind == "ring" && len(numbers) == 0:
		c = circuit.Ring(s.Qubits)
	case kind == "grid" && len(numbers) == 2:
		c = circuit.Grid(numbers[0], numbers[1])
	case kind == "heavy-hex" && len(numbers) == 1:
		c = circuit.HeavyHex(numbers[0])
	case kind == "pairs" && len(numbers) == 0:
		c = circuit.Pairs(s.Qubits, s.Pairs, s.Directed)
	default:
		return c, errors.Errorf("want all, line, ring, grid ROWS COLUMNS, heavy-hex DISTANCE or pairs, got %q",
			s.Coupling)
	}
	switch {
	case c.Err() != nil:
		return c, c.Err()
	case c.Qubits() != s.Qubits:
		return c, errors.Errorf("%s has %d qubits, and the device %d", s.Coupling, c.Qubits(), s.Qubits)
	case kind != "pairs" && (len(s.Pairs) > 0 || s.Directed):
		return c, errors.Errorf("want pairs and directed with coupling: pairs only, got %q", s.Coupling)
	}
	return c, nil
}

// Name returns the device's name.
func (d Device) Name() string { return d.spec.Name }

// About returns what the device is.
func (d Device) About() string { return d.spec.About }

// Qubits returns how many qubits there are.
func (d Device) Qubits() int { return d.spec.Qubits }

// Gates returns the device's own gates.
func (d Device) Gates() circuit.GateSet { return d.gates }

// Coupling returns the pairs of qubits that they act on.
func (d Device) Coupling() circuit.Coupling { return d.coupling }

// Compiler returns the compiler for the device.
func (d Device) Compiler(seed uint64) transpile.Compiler {
	return transpile.Compiler{Gates: d.gates, Coupling: d.coupling, Seed: seed}
}

// Duration returns how long an operation of the device takes, in seconds, and an error for one that it does
// not have. A gate without a duration takes none.
func (d Device) Duration(g circuit.Operation) (float64, error) {
	if !d.gates.Has(g.Name()) {
		return 0, errors.Errorf("device: %s has no gate %s, but %v", d.spec.Name, g.Name(), d.gates)
	}
	return d.spec.Durations[g.Name()], nil
}

// finite tells whether x is a number from 0 to most.
func finite(x, most float64) bool { return x >= 0 && x <= most && !math.IsInf(x, 0) }
