package vit

import (
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/qlayer"
)

// Ansatz is a form of the circuits U_q and U_k that a Config can name.
type Ansatz struct {
	Name, Help string
	New        func(layers int) qlayer.Ansatz
}

// usualAnsatz is that of most scores, for a Config that names none.
const usualAnsatz = "real-amplitudes"

// usualAnsatz returns the ansatz of the Config's score when the Config names none.
func (c Config) usualAnsatz() string {
	if s, err := c.FindScore(); err == nil && s.Usual != "" {
		return s.Usual
	}
	return usualAnsatz
}

// Ansatzes returns the ansätze that Config.Ansatz knows. The slice is the caller's.
func Ansatzes() []Ansatz {
	return []Ansatz{
		{usualAnsatz, "RY and a ring of CX, as in HQViT; real", qlayer.RealAmplitudes},
		{"entangling", "RY, RZ and a ring of CX; complex", qlayer.Entangling},
		{"strongly-entangling", "any rotation, and rings of CX of growing range; complex",
			qlayer.StronglyEntangling},
		{"hardware-efficient", "RY, RZ and CZ between neighbours in a line; complex", qlayer.HardwareEfficient},
		{"brick", "a brickwork of RY and CX between neighbours in a line; real", qlayer.Brick},
	}
}

// HasUsualAnsatz tells whether the circuits have the form that the score gives them without a name.
func (c Config) HasUsualAnsatz() bool { return c.Ansatz == "" || c.Ansatz == c.usualAnsatz() }

// ansatz returns the row of the Config's ansatz.
func (c Config) ansatz() (Ansatz, error) {
	name := c.Ansatz
	if name == "" {
		name = c.usualAnsatz()
	}
	return c.names().FindAnsatz(name)
}

// FindAnsatz returns the ansatz of a name, a built-in one or one of the catalog. It returns an error that
// lists the names if there is none.
func (n Catalog) FindAnsatz(name string) (Ansatz, error) {
	for _, a := range n.AllAnsatzes() {
		if a.Name == name {
			return a, nil
		}
	}
	names := n.AnsatzNames()
	return Ansatz{}, errors.Errorf("vit: ansatz %q%s, want one of %s", name,
		orElsewhere(suggest.Among(name, names)), strings.Join(names, ", "))
}

// Build calls New, and returns an error if that panics or returns nil.
func (a Ansatz) Build(layers int) (made qlayer.Ansatz, err error) {
	defer foreign.Recover(&err, "function New of ansatz "+a.Name, a.New)
	if made = a.New(layers); made == nil {
		err = errors.Errorf("vit: New of ansatz %s returns nil, want an ansatz", a.Name)
	}
	return made, err
}
