package qops

import (
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/statevec"
)

// gradientSum adds up the gradients of several circuits by the same inputs.
type gradientSum[T op.Float] struct {
	to, one statevec.Gradients[T]
	start   [][]T // by row: the sums by the states that rows start from
}

// newGradientSum returns a sum that ends in some gradients, which it clears.
func newGradientSum[T op.Float](to statevec.Gradients[T], in statevec.Inputs[T]) *gradientSum[T] {
	s := &gradientSum[T]{to: to}
	clear(to.Theta)
	clear(to.Data)
	if to.Theta != nil {
		s.one.Theta = make([]T, len(to.Theta))
	}
	if to.Data != nil {
		s.one.Data = make([]T, len(to.Data))
	}
	if to.Start != nil {
		s.start = make([][]T, in.Rows)
		s.one.Amplitudes = to.Amplitudes
		s.one.Start = func(row int, dpsi []T) {
			if s.start[row] == nil {
				s.start[row] = make([]T, len(dpsi))
			}
			for i, v := range dpsi {
				s.start[row][i] += v
			}
		}
	}
	return s
}

// part is where the gradients of the next circuit go.
func (s *gradientSum[T]) part() statevec.Gradients[T] { return s.one }

// add adds what part took.
func (s *gradientSum[T]) add() {
	for i, v := range s.one.Theta {
		s.to.Theta[i] += v
	}
	for i, v := range s.one.Data {
		s.to.Data[i] += v
	}
}

// give gives the sums by the states to whoever wants them.
func (s *gradientSum[T]) give() {
	for row, dpsi := range s.start {
		s.to.Start(row, dpsi)
	}
}
