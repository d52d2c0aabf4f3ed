package qlayer

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// ReuploadingClassifier tells classes apart by a few qubits that take the features again in every layer, one
// qubit being enough in principle: layers of U(θ + Wx) on every qubit, with a ring of CX between the layers,
// then a learned observable for each class.
//
//	x    (…, D)        any number of features
//	out  (…, Classes)  logits, for losses.CrossEntropy
//
// The parameters are theta (P), P = 3·Layers·Qubits angles in radians, upload.weight (P, D), by how much a
// feature changes an angle, and read.weight (Classes, 3·Qubits) and read.bias, the weights of ⟨X⟩, ⟨Y⟩, ⟨Z⟩
// of every qubit. With one qubit the logits are the weighted fidelities with a state of each class that the
// source trains. The notes are qubits, gates and parameterised gates.
//
// Source: Pérez-Salinas et al., Data re-uploading for a universal quantum classifier, arXiv:1907.02085.
type ReuploadingClassifier struct {
	Classes int // at least 2
	Qubits  int // 0: 1
	Layers  int // 0: 4
}

// Forward returns the logits, differentiable in x and the parameters. It returns an error for fewer than 2
// classes and for negative or too many qubits or layers.
func (l ReuploadingClassifier) Forward(s *nn.Scope, x *G.Node) (*G.Node, error) {
	if l.Classes < 2 || l.Qubits < 0 || l.Layers < 0 {
		return nil, errors.Errorf("want at least 2 classes, no negative qubits or layers, got %d, %d and %d",
			l.Classes, l.Qubits, l.Layers)
	}
	if l.Qubits == 0 {
		l.Qubits = 1
	}
	if l.Layers == 0 {
		l.Layers = 4
	}
	c := buildUploads(l.Qubits, l.Layers)
	if err := c.Err(); err != nil {
		return nil, err
	}
	angles, err := nn.Linear{Out: c.NumData(), NoBias: true}.Forward(s.Sub("upload"), x)
	if err != nil {
		return nil, err
	}
	theta, err := s.Param("theta", nn.ParamSpec{Shape: tensor.Shape{c.NumData()}, Dtype: x.Dtype(),
		Init: nn.Normal(InitAngle), NoDecay: true, Group: "quantum"})
	if err != nil {
		return nil, err
	}
	if angles, err = nn.Add(angles, theta); err != nil {
		return nil, err
	}
	note(s, l.Qubits, len(c.Operations()), l.Qubits*l.Layers)
	show(s, Figure{Circuit: c, Registers: []Register{{"features", l.Qubits}}})
	bloch, err := qops.MeasureCircuit(c, qops.Paulis("XYZ"), qops.Inputs{Data: angles}, qops.Adjoint)
	if err != nil {
		return nil, err
	}
	return nn.Linear{Out: l.Classes}.Forward(s.Sub("read"), bloch)
}

// buildUploads returns layers × (U on every qubit, its angles data), with a ring of CX between two layers.
func buildUploads(qubits, layers int) *circuit.Circuit {
	c, i := circuit.New(qubits), 0
	appendLayers(c, "ReuploadingClassifier", layers, func(layer int) {
		if layer > 0 {
			addRing(c)
		}
		for q := range qubits {
			c.U(q, circuit.Data(i), circuit.Data(i+1), circuit.Data(i+2))
			i += 3
		}
	})
	return c
}
