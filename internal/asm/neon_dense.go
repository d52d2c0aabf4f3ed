package main

// dense writes the kernels of package dense.
func (n *neon) dense() {
	n.panel()
	n.pack()
	n.transpose()
}
