package main

// dense writes the kernels of package dense.
func (n *neon) dense() {
	n.panel()
	n.pack()
	n.transpose()
	n.arithmetic()
	n.sums()
	n.transcendental()
	n.sincos()
	n.softmax()
	n.softmaxGrad()
	n.layerNorm()
	n.layerNormGrad()
	n.adamW()
	n.multipliers()
}
