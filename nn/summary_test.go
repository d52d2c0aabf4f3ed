package nn_test

import (
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
)

// circuit stands for a layer that counts its parameters as a group of their own and leaves notes.
func circuit(s *nn.Scope, x *G.Node) (*G.Node, error) {
	s.Note("qubits", 3)
	s.Note("gates", 14)
	for _, spec := range []struct {
		name   string
		frozen bool
	}{{"theta", false}, {"phase", true}} {
		p := nn.ParamSpec{Shape: tensor.Shape{2, 3}, Dtype: x.Dtype(), Init: nn.Normal(1), Group: "quantum",
			Frozen: spec.frozen}
		if _, err := s.Param(spec.name, p); err != nil {
			return nil, err
		}
	}
	return x, nil
}

func measurement(s *nn.Scope, x *G.Node) (*G.Node, error) {
	s.Note("shots", 1000)
	return x, nil
}

const table = `layer    parameter  shape    count  notes
0        weight     (10, 4)     40
         bias       (10)        10
1        theta      (2, 3)       6  quantum, qubits 3, gates 14
         phase      (2, 3)       6  quantum, frozen
3        weight     (2, 10)     20
2                                   shots 1000
trained                         76
quantum                          6
frozen                           6
`

func TestSummary(t *testing.T) {
	g := G.NewGraph()
	x := G.NewMatrix(g, tensor.Float32, G.WithShape(3, 4), G.WithName("x"))
	s := nn.NewScope(g, nn.NewStore(1))
	model := nn.Chain{nn.Linear{Out: 10}, nn.Func(circuit), nn.Func(measurement),
		nn.Linear{Out: 2, NoBias: true}}
	if _, err := model.Forward(s, x); err != nil {
		t.Fatal(err)
	}
	if got := s.Summary().String(); got != table {
		t.Errorf("got\n%s\nwant\n%s", got, table)
	}
}
