package statevec

import "github.com/hqvit/hqvit/qops/circuit"

// splitCircuit is a circuit in which every occurrence of an angle is an angle, with what they are in the
// caller's.
type splitCircuit[T Float] struct {
	caller, plan *Plan[T]
	theta, data  []circuit.ParamOccurrence // by angle of plan: what it is to the caller
	values       Inputs[T]
}

// splitting is circuit.SplitParameters, or any function of that form.
type splitting func(*circuit.Circuit) (
	split *circuit.Circuit, theta, data []circuit.ParamOccurrence, err error)

func newSplitCircuit[T Float](c *circuit.Circuit, by splitting) (s splitCircuit[T], err error) {
	if s.caller, err = Compile[T](c); err != nil {
		return s, err
	}
	var split *circuit.Circuit
	if split, s.theta, s.data, err = by(c); err != nil {
		return s, err
	}
	s.plan, err = Compile[T](split)
	return s, err
}

// inputs returns the inputs of plan for those of the caller's circuit, good until the next call. Their angles
// may be changed.
func (s *splitCircuit[T]) inputs(in Inputs[T]) Inputs[T] {
	out := Inputs[T]{Rows: in.Rows, Start: in.Start,
		Theta: resized(s.values.Theta, len(s.theta)), Data: resized(s.values.Data, in.Rows*len(s.data))}
	for i, t := range s.theta {
		out.Theta[i] = T(circuit.Value(t.Angle, in.Theta, nil))
	}
	for r := range in.Rows {
		data := rowOf(in.Data, r, s.caller.numData)
		for i, t := range s.data {
			out.Data[r*len(s.data)+i] = T(circuit.Value(t.Angle, nil, data))
		}
	}
	s.values = out
	return out
}

// addShared adds to the derivatives by the caller's theta those by plan's, each times its scale and a factor.
func (s *splitCircuit[T]) addShared(dtheta []float64, factor float64, split []T) {
	for i, t := range s.theta {
		dtheta[t.Angle.Index] += factor * t.Angle.Scale * float64(split[i])
	}
}

// rulesOf returns the rule of each occurrence.
func rulesOf(occurrences []circuit.ParamOccurrence,
	rule func(circuit.ParamOccurrence) ([]circuit.Shift, error)) (rules [][]circuit.Shift, err error) {
	rules = make([][]circuit.Shift, len(occurrences))
	for i, o := range occurrences {
		if rules[i], err = rule(o); err != nil {
			return nil, err
		}
	}
	return rules, nil
}
