package op

import G "gorgonia.org/gorgonia"

// LiveGraphs is the number of graphs of which there is a record.
func LiveGraphs() int {
	records.Lock()
	defer records.Unlock()
	return len(records.byGraph)
}

// NeedsGrad reports whether a gradient to n can be wanted.
func NeedsGrad(n *G.Node) bool { return recordOf(n.Graph()).needsGrad(n) }

// DependsOnGradient reports whether n is computed from a gradient.
var DependsOnGradient = dependsOnGradient

// GradFused is the Grad of a Program.
var GradFused = gradFused

// ShareMemory is what a Program of SharedMemory does.
func ShareMemory(wanted ...*G.Node) error {
	_, err := shareMemory(wanted...)
	return err
}
