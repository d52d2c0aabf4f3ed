package qlayer

import (
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
)

// Shots returns the shots of a custom layer or score on x, whose first axis is the batch, for a measurement's
// WithShots or qops.ScoreOptions: seeded by the row's key in Scope.Random and the path of the layer, with
// their standard errors as the tap "standard_error". A count of 0 is exact.
func Shots(s *nn.Scope, x *G.Node, count int) qops.Shots {
	if count == 0 {
		return qops.Shots{}
	}
	if x == nil || x.Dims() == 0 {
		return qops.Shots{Count: count} // which is an error of whatever takes it
	}
	stream, batch := s.Random().Stream(s.Path()+".shots"), x.Shape()[0]
	return qops.Shots{
		Count: count,
		Seeds: func(seeds []uint64) error {
			if err := stream.Next(batch); err != nil {
				return err
			}
			each := len(seeds) / batch
			for r := range batch {
				random := stream.Row(r)
				for i := range each {
					seeds[r*each+i] = random.Uint64()
				}
			}
			return nil
		},
		Stderr: func(n *G.Node) { s.Tap("standard_error", nn.TapValue, n) },
	}
}
