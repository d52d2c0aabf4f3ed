package main

// dense writes the kernels of package dense.
func (a arch) dense() {
	a.panel()
	a.pack()
	a.packTransposed()
	a.arithmetic()
	a.sums()
	a.transcendental()
	a.sincos()
	a.softmax()
	a.softmaxGrad()
	a.layerNorm()
	a.layerNormGrad()
	a.adamW()
	a.fma()
}
