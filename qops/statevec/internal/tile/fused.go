package tile

import "github.com/hqvit/hqvit/internal/dense"

const (
	// MaxFused is how many real rotations one pass can do.
	MaxFused  = 3
	groupSize = 1 << MaxFused
)

// Fused are up to three real rotations that commute, done in one pass over groups of eight amplitudes, which
// the assembly holds in registers. A rotation is a shear but for a factor, half the work: the factors are
// collected, and one rotation, done in full, makes up for all of them.
type Fused[T dense.Float] struct {
	shear [MaxFused]Block[T]
	full  [MaxFused][4]Block[T]

	// Moments are, by rotation, the last of Moments, which RotateFusedBackward adds to.
	Moments [MaxFused]Block[T]

	forms int            // two bits a rotation: what is done
	_     [line - 8]byte // blocks stay at the beginnings of lines
}

// The forms of a rotation of (x, y); 0 is none.
const (
	tangent   = 1 // to (x−ty, y+tx), t the sine over the cosine, of which a factor is missing
	cotangent = 2 // to (tx−y, ty+x), t the cosine over the sine, of which a factor is missing
	full      = 3 // by a matrix
)

// Rotation is what a Fused is made of: the matrices of a real rotation, and whether they differ from lane to
// lane.
type Rotation[T dense.Float] struct {
	Matrix *Matrix2[T]
	ByLane bool
}

// isRotation tells whether the matrix is the same rotation in all lanes: a shear but for a factor.
func (r *Rotation[T]) isRotation() bool {
	return !r.ByLane && r.Matrix[0][0] == r.Matrix[6][0] && r.Matrix[2][0] == -r.Matrix[4][0]
}

// Set makes f the given rotations. It returns the factor that the states then lack, given the one that they
// lacked: 1 if there is a rotation in full, as there is if settle is set.
func (f *Fused[T]) Set(rotations []Rotation[T], lacking float64, settle bool) float64 {
	f.forms = 0
	last := -1 // of those in full
	for j := range rotations {
		r := &rotations[j]
		if last < 0 && settle && j == len(rotations)-1 || !r.isRotation() {
			f.forms |= full << (2 * j)
			last = j
			continue
		}
		cos, sin := float64(r.Matrix[0][0]), float64(r.Matrix[4][0])
		form, t := tangent, sin/cos
		if cos*cos < sin*sin {
			form, t, cos = cotangent, cos/sin, sin
		}
		f.forms |= form << (2 * j)
		lacking *= cos
		for l := range Lanes {
			f.shear[j][l] = T(t)
		}
	}
	if last < 0 {
		return lacking
	}
	for j := range rotations {
		if f.forms>>(2*j)&3 != full {
			continue
		}
		factor := T(1)
		if j == last {
			factor = T(lacking)
		}
		for k := range 4 {
			for l, v := range rotations[j].Matrix[2*k] {
				f.full[j][k][l] = factor * v
			}
		}
	}
	return 1
}

// RotateFused does the rotations on the groups.
func (s *States[T]) RotateFused(groups []int32, f *Fused[T]) {
	rotateFused(s.Re, groups, f)
	if s.Im != nil {
		rotateFused(s.Im, groups, f)
	}
}

func rotateFused[T dense.Float](x []Block[T], groups []int32, f *Fused[T]) {
	if v := active[T](); v != nil {
		for c := 0; c < Lanes; c += v.width {
			v.rotateFused(&x[0][c], &groups[0], len(groups)/groupSize, f.forms, &f.shear[0][c])
		}
		return
	}
	for ; len(groups) >= groupSize; groups = groups[groupSize:] {
		for j := range MaxFused {
			for i := range groupSize {
				if i>>j&1 == 0 {
					f.rotatePair(j, &x[groups[i]], &x[groups[i|1<<j]])
				}
			}
		}
	}
}

// rotatePair does one of the rotations on a pair.
func (f *Fused[T]) rotatePair(rotation int, lo, hi *Block[T]) {
	t, u := &f.shear[rotation], &f.full[rotation]
	switch f.forms >> (2 * rotation) & 3 {
	case tangent:
		for l := range Lanes {
			lo[l], hi[l] = lo[l]-t[l]*hi[l], hi[l]+t[l]*lo[l]
		}
	case cotangent:
		for l := range Lanes {
			lo[l], hi[l] = t[l]*lo[l]-hi[l], t[l]*hi[l]+lo[l]
		}
	case full:
		for l := range Lanes {
			lo[l], hi[l] = u[0][l]*lo[l]+u[1][l]*hi[l], u[2][l]*lo[l]+u[3][l]*hi[l]
		}
	}
}

// RotateFusedBackward is RotateFused of ψ and of λ by the adjoint rotations. It adds to their moments.
func RotateFusedBackward[T dense.Float](psi, lam *States[T], groups []int32, f *Fused[T]) {
	rotateFusedBackward(psi.Re, lam.Re, groups, f)
	if psi.Im != nil {
		rotateFusedBackward(psi.Im, lam.Im, groups, f)
	}
}

func rotateFusedBackward[T dense.Float](psi, lam []Block[T], groups []int32, f *Fused[T]) {
	v := active[T]()
	if v != nil && v.rotateFusedBackward != nil {
		for c := 0; c < Lanes; c += v.width {
			v.rotateFusedBackward(&psi[0][c], &lam[0][c], &groups[0], len(groups)/groupSize, f.forms,
				&f.shear[0][c], &f.Moments[0][c])
		}
		return
	}
	rotateFused(psi, groups, f)
	rotateFused(lam, groups, f)
	if v != nil {
		for c := 0; c < Lanes; c += v.width {
			v.fusedMoments(&psi[0][c], &lam[0][c], &groups[0], len(groups)/groupSize, &f.Moments[0][c])
		}
		return
	}
	for ; len(groups) >= groupSize; groups = groups[groupSize:] {
		for j := range MaxFused {
			m := &f.Moments[j]
			for i := range groupSize {
				if i>>j&1 == 1 {
					continue
				}
				a, b, c, d := &psi[groups[i]], &psi[groups[i|1<<j]], &lam[groups[i]], &lam[groups[i|1<<j]]
				for l := range Lanes {
					m[l] += b[l]*c[l] - a[l]*d[l]
				}
			}
		}
	}
}
