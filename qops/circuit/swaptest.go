package circuit

import "math/bits"

// SwapTest returns the literal circuit of swap attention: it prepares the image x of (tokens, width), row
// after row, in two registers, applies q to the data qubits of the first and k to those of the second, and
// swaps the data qubits under the control of an ancilla between two H.
//
//	qubits  ancilla, index of q, data of q, index of k, data of k: 1 + 2·(⌈log2 tokens⌉ + ⌈log2 width⌉)
//	theta   that of q, then that of k; the inputs of a row are shared
//
// With n_i = ‖x_i‖²/‖x‖², the ancilla and the two indices are measured with probabilities
//
//	P(0,i,j) = ½(n_i·n_j + |⟨q_i|k_j⟩|²)    P(1,i,j) = ½(n_i·n_j − |⟨q_i|k_j⟩|²)
//
// so that P(0,i,j) − P(1,i,j) is the attention coefficient |⟨x_i|U_q†U_k|x_j⟩|². Tokens and width are padded
// with zeros to powers of two. Without an image (x nil) the circuit begins after the preparation, for the
// state |0⟩|x⟩|x⟩. The circuit has an error (Err) for sizes that do not match, an image of zeros, and the
// errors of q and k.
//
// Source: the swap test is Buhrman, Cleve, Watrous, de Wolf, arXiv:quant-ph/0102001; its use as attention is
// HQViT, arXiv:2504.02730.
func SwapTest(x []float64, tokens, width int, q, k *Circuit) *Circuit {
	if tokens < 1 || width < 2 || x != nil && (len(x)%tokens != 0 || len(x)/tokens != width) {
		return broken("circuit: SwapTest: want an image of tokens·width values, at least 1·2, "+
			"got %d·%d and %d values", tokens, width, len(x))
	}
	index, data := bits.Len(uint(tokens-1)), bits.Len(uint(width-1))
	if q == nil || k == nil || q.qubits != data || k.qubits != data {
		return broken("circuit: SwapTest: want circuits q and k on %d qubits for width %d", data, width)
	}
	c := New(1 + 2*(index+data))
	if c.Err() != nil {
		return c
	}
	first, second := register(1, index+data), register(1+index+data, index+data)
	if x != nil {
		amplitudes := make([]complex128, 1<<(index+data))
		for i, v := range x {
			amplitudes[i/width<<data|i%width] = complex(v, 0)
		}
		image := Prepare(amplitudes)
		c.Append(image, first...).Append(image, second...)
	}
	c.Append(q, first[index:]...).Append(k.OffsetParams(q.NumTheta(), 0), second[index:]...)
	c.H(0)
	for i := range data {
		c.CSwap(0, first[index+i], second[index+i])
	}
	return c.H(0)
}

// OverlapTest returns the circuit that compares two patches on the qubits of one: it prepares the first
// (Preparation), runs q, the inverse of k and the inverse of what prepares the second. How often all qubits
// are 0 is |⟨q_i|k_j⟩|² of patches of unit norm.
//
//	theta  that of q, then that of k
//	data   the angles that prepare the first patch, then those of the second (PreparationAngles)
//
// The circuit has an error (Err) for circuits of different sizes and with data, and their own errors.
//
// Source: Havlíček et al., arXiv:1804.11326.
func OverlapTest(q, k *Circuit) *Circuit {
	if q == nil || k == nil || q.qubits != k.qubits || q.NumData()+k.NumData() > 0 {
		return broken("circuit: OverlapTest: want circuits q and k on the same number of qubits, without data")
	}
	prepare := Preparation(q.qubits)
	back := Preparation(q.qubits).Compose(k).Adjoint()
	return prepare.Compose(q).Append(back.OffsetParams(q.NumTheta(), prepare.NumData()))
}

// register returns n qubits from first on.
func register(first, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = first + i
	}
	return out
}
