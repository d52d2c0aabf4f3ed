package qops

import (
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/qops/circuit"
)

// Route is the route of CircuitScores, which tests choose.
type Route = route

const (
	CheaperRoute   = cheaperRoute
	MatrixRoute    = matrixRoute
	PatchwiseRoute = patchwiseRoute
)

// CircuitScoresBy is CircuitScores by that route.
func CircuitScoresBy(x *G.Node, q, k *circuit.Circuit, thetaQ, thetaK *G.Node, o ScoreOptions,
	by Route) (*G.Node, error) {
	return circuitScores(x, q, k, thetaQ, thetaK, o, by)
}
