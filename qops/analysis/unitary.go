package analysis

import (
	"math"
	"math/bits"
	"math/cmplx"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// UnitaryFigures describe a unitary matrix of n qubits, such as the W = U_q†U_k that trained attention has
// learned.
type UnitaryFigures struct {
	Qubits int       `json:"qubits"`
	Phases []float64 `json:"phases"` // of the eigenvalues, in (−π, π], in rising order

	// Identity is the distance from the identity, 1 − |Tr W|²/4ⁿ, which no global phase changes: 0 to 1. That
	// of a Haar-random matrix is 1 − 1/4ⁿ in the mean.
	Identity     float64 `json:"identity"`
	IdentityHaar float64 `json:"identity_haar"`

	// Spacing is the mean ratio of the smaller to the larger of two neighbouring gaps between the phases:
	// 0.60 for Haar-random unitary matrices, 0.53 for symmetric ones, 0.39 for phases that know nothing of
	// each other, of many qubits; 0 for less than 3 phases.
	Spacing float64 `json:"spacing"`

	// Entangling is the entangling power, the mean Meyer-Wallach measure of W on products of random states of
	// the qubits, and EntanglingHaar what Haar-random matrices have in the mean. 0 on one qubit.
	Entangling     float64 `json:"entangling"`
	EntanglingHaar float64 `json:"entangling_haar"`

	Real bool `json:"real"` // the matrix is real: it turns vectors
}

// maxUnitaryQubits bounds the matrices of Unitary: the entangling power takes 4ⁿ products of states.
const maxUnitaryQubits = 8

// Unitary returns the figures of a unitary matrix. The entangling power is exact: the four states of a
// tetrahedron have the mean of all states of a qubit. It returns an error unless the matrix is unitary to
// 1e-6 and of 1 to 8 qubits.
//
// Source: Zanardi, Zalka, Faoro, quant-ph/0005031; Atas, Bogomolny, Giraud, Roux, arXiv:1212.5611.
func Unitary(w circuit.Matrix) (u UnitaryFigures, err error) {
	dim := w.Dim()
	n := bits.Len(uint(dim)) - 1
	if n < 1 || n > maxUnitaryQubits || dim != 1<<n || len(w) != dim*dim {
		return u, errors.Errorf("analysis: Unitary: want a matrix of 1 to %d qubits, got %d entries",
			maxUnitaryQubits, len(w))
	}
	if d := w.Dagger().Mul(w).Distance(circuit.Identity(n)); !(d < 1e-6) {
		return u, errors.Errorf("analysis: Unitary: the matrix is %.3g away from a unitary one, want at "+
			"most 1e-6", d)
	}
	u = UnitaryFigures{Qubits: n, Real: w.IsReal()}
	if u.Phases, err = unitaryPhases(w, dim); err != nil {
		return u, errors.WithMessage(err, "analysis: Unitary")
	}
	trace := complex128(0)
	for i := range dim {
		trace += w[i*dim+i]
	}
	all := float64(dim) * float64(dim)
	u.Identity = 1 - real(trace*cmplx.Conj(trace))/all
	u.IdentityHaar = 1 - 1/all
	u.Spacing = spacing(u.Phases)
	if n > 1 {
		if u.Entangling, err = entanglingPower(w, n); err != nil {
			return u, errors.WithMessage(err, "analysis: Unitary")
		}
		u.EntanglingHaar = (float64(dim) - 2) / (float64(dim) + 1)
	}
	return u, nil
}

// spacing returns the mean ratio of neighbouring gaps on the circle.
func spacing(phases []float64) float64 {
	n := len(phases)
	if n < 3 {
		return 0
	}
	gaps := make([]float64, n)
	for i := range gaps {
		gaps[i] = phases[(i+1)%n] - phases[i]
	}
	gaps[n-1] += 2 * math.Pi
	sum := 0.0
	for i, g := range gaps {
		h := gaps[(i+1)%n]
		if larger := max(g, h); larger > 0 {
			sum += min(g, h) / larger
		}
	}
	return sum / float64(n)
}

// tetrahedron is four states of a qubit, whose mean of any polynomial of degree two in the state and its
// conjugate is that over all states.
func tetrahedron() (out [4][2]complex128) {
	out[0] = [2]complex128{1, 0}
	for k := range 3 {
		phase := cmplx.Rect(1, 2*math.Pi*float64(k)/3)
		out[k+1] = [2]complex128{complex(math.Sqrt(1.0/3), 0), complex(math.Sqrt(2.0/3), 0) * phase}
	}
	return out
}

// entanglingPower returns the mean of Q of w over products of states.
func entanglingPower(w circuit.Matrix, n int) (float64, error) {
	q, err := newMeyerWallach(n, 1)
	if err != nil {
		return 0, err
	}
	states, dim := tetrahedron(), 1<<n
	rows := min(1<<(2*n), max(1, chunkNumbers/(2*dim)))
	psi, product := make([]float64, rows*2*dim), make([]complex128, dim)
	sum := 0.0
	for from := 0; from < 1<<(2*n); from += rows {
		for r := range rows {
			for j := range product {
				product[j] = 1
				for k := range n {
					product[j] *= states[(from+r)>>(2*k)&3][j>>k&1]
				}
			}
			for i := range dim {
				z := complex128(0)
				for j, x := range product {
					z += w[i*dim+j] * x
				}
				psi[2*(r*dim+i)], psi[2*(r*dim+i)+1] = real(z), imag(z)
			}
		}
		values, err := q.of(psi)
		if err != nil {
			return 0, err
		}
		for _, v := range values {
			sum += v
		}
	}
	return sum / math.Exp2(float64(2*n)), nil
}

// AttentionMatrix returns W = U_q†U_k of the circuits of query and key with their angles, the query's first,
// as they stand one after the other in theta: the matrix whose squared entries ⟨x_i|W|x_j⟩ quantum attention
// takes. It returns an error for circuits that have one, that differ in qubits or have more than 8, and
// unless there are as many angles as they take.
func AttentionMatrix(query, key *circuit.Circuit, theta []float64) (circuit.Matrix, error) {
	for _, c := range []*circuit.Circuit{query, key} {
		if err := checkCircuit(c); err != nil {
			return nil, errors.WithMessage(err, "analysis: AttentionMatrix")
		}
	}
	if query.Qubits() != key.Qubits() || query.Qubits() > maxUnitaryQubits ||
		len(theta) != query.NumTheta()+key.NumTheta() {
		return nil, errors.Errorf("analysis: AttentionMatrix: want circuits of the same qubits, at most "+
			"%d, and their angles, got %d and %d qubits, %d angles for %d and %d",
			maxUnitaryQubits, query.Qubits(), key.Qubits(),
			len(theta), query.NumTheta(), key.NumTheta())
	}
	q, err := query.Matrix(slices.Clone(theta[:query.NumTheta()]), nil)
	if err != nil {
		return nil, errors.WithMessage(err, "analysis: AttentionMatrix")
	}
	k, err := key.Matrix(slices.Clone(theta[query.NumTheta():]), nil)
	if err != nil {
		return nil, errors.WithMessage(err, "analysis: AttentionMatrix")
	}
	return q.Dagger().Mul(k), nil
}
