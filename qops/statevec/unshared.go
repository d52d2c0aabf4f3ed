package statevec

import (
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/circuit"
)

// unshared is a circuit whose angles have a place of their own each, with what they stand for in the caller's circuit.
type unshared[T dense.Float] struct {
	caller, plan *Plan[T]
	theta, data  []circuit.ParamOccurrence // what Theta(i) and Data(i) of plan are to the caller
	values       Inputs[T]
}

// separation is circuit.Unshared, or anything of that form.
type separation func(*circuit.Circuit) (apart *circuit.Circuit, theta, data []circuit.ParamOccurrence, err error)

func newUnshared[T dense.Float](c *circuit.Circuit, by separation) (u unshared[T], err error) {
	if u.caller, err = Compile[T](c); err != nil {
		return u, err
	}
	var apart *circuit.Circuit
	if apart, u.theta, u.data, err = by(c); err != nil {
		return u, err
	}
	u.plan, err = Compile[T](apart)
	return u, err
}

// at returns the inputs of plan for those of the caller's circuit, good until the next call. Their angles may be changed.
func (u *unshared[T]) at(in Inputs[T]) Inputs[T] {
	out := Inputs[T]{Rows: in.Rows, Start: in.Start, Theta: ofLength(u.values.Theta, len(u.theta)), Data: ofLength(u.values.Data, in.Rows*len(u.data))}
	for i, t := range u.theta {
		out.Theta[i] = T(circuit.Value(t.Angle, in.Theta, nil))
	}
	for r := range in.Rows {
		row := part(in.Data, r, u.caller.numData)
		for i, t := range u.data {
			out.Data[r*len(u.data)+i] = T(circuit.Value(t.Angle, nil, row))
		}
	}
	u.values = out
	return out
}

// whole adds to a row of the caller's theta what its places have, each times its scale and a factor.
func (u *unshared[T]) whole(row []float64, factor float64, places []T) {
	for i, t := range u.theta {
		row[t.Angle.Index] += factor * t.Angle.Scale * float64(places[i])
	}
}
