package dense

import "math"

// AdamWStep is what one update of AdamW needs besides the tensors.
type AdamWStep struct {
	LR    float64 // learning rate
	Beta1 float64 // decay of the first moment, in [0,1)
	Beta2 float64 // decay of the second moment, in [0,1)
	Eps   float64 // added to the root of the second moment
	Decay float64 // decoupled weight decay
	// Correct1 and Correct2 are the bias corrections 1−Beta1ᵗ and 1−Beta2ᵗ of step t ≥ 1.
	Correct1, Correct2 float64
}

// AdamW makes one step of AdamW on the weights w with gradient g and moments m and v, all of len(w) elements;
// w, m and v are updated in place.
//
//	m = Beta1·m + (1−Beta1)·g,  v = Beta2·v + (1−Beta2)·g²
//	w = w − LR·(m/Correct1 / (√(v/Correct2) + Eps) + Decay·w)
//
// The arithmetic is PyTorch's: coefficients in float64, then the element type throughout, the decay before
// the step.
//
// Source: Loshchilov and Hutter, arXiv:1711.05101.
func AdamW[T Float](w, g, m, v []T, p AdamWStep) {
	n := len(w)
	active[T]().adamW(w, g[:n], m[:n], v[:n],
		T(1-p.LR*p.Decay), T(p.Beta1), T(1-p.Beta1), T(p.Beta2), T(1-p.Beta2),
		T(1/math.Sqrt(p.Correct2)), T(p.Eps), T(p.LR/p.Correct1))
}
