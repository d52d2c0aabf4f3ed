package qlayer

import (
	"math"
	"math/rand/v2"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// The score of QPSAN falls apart into products of functions of a query and of a key, because each of its
// angles is a sum of one of each. jointTerms is how many: a constant, 2 of cos a, 8 of cos c cos a sin b, and
// 4 of sin c cos b.
const jointTerms = 15

// firstJoint draws e, g, s, α and β of each head.
func firstJoint(r *rand.Rand, shape tensor.Shape, dst []float64) {
	nn.Normal(0.1)(r, shape, dst)
	for i := 0; i < len(dst); i += 5 {
		dst[i] = 0.5
	}
}

// jointSide is the angles of one element of a query or of a key.
type jointSide struct {
	isQuery        bool
	own, other     float64 // factors of the element in a and b: e+g+s where it stands with e, s−g in the other
	turn, w1, w2   float64 // α, and the weights ½cos²2β and −½sin²2β, which stand with the query
	ca, sa, cb, sb float64
	cc, sc         float64
	pa, pb, pc     [2]float64 // of cos a, sin b, cos c
	qb, qc         [2]float64 // of cos b, sin c
	slope          float64    // of w1 and of w2 in β
}

// newJointSide returns the side for the numbers of a head.
func newJointSide[T op.Float](isQuery bool, p []T) jointSide {
	e, g, s, alpha, beta := float64(p[0]), float64(p[1]), float64(p[2]), float64(p[3]), float64(p[4])
	j := jointSide{isQuery: isQuery, own: e + g + s, other: s - g, turn: alpha, w1: 1, w2: 1}
	if isQuery {
		cos, sin := math.Cos(2*beta), math.Sin(2*beta)
		j.w1, j.w2, j.slope = cos*cos/2, -sin*sin/2, -2*sin*cos
	}
	return j
}

// set computes the functions of an element.
func (j *jointSide) set(v float64) {
	a, b := math.Pi/4+j.own*v, j.other*v
	if !j.isQuery {
		a, b = b, a
	}
	j.sa, j.ca = math.Sincos(a)
	j.sb, j.cb = math.Sincos(b)
	j.sc, j.cc = math.Sincos(j.turn * v)
	if j.isQuery {
		j.pa, j.pb, j.pc = [2]float64{j.ca, -j.sa}, [2]float64{j.sb, j.cb}, [2]float64{j.cc, -j.sc}
		j.qb, j.qc = [2]float64{j.cb, -j.sb}, [2]float64{j.sc, j.cc}
		return
	}
	j.pa, j.pb, j.pc = [2]float64{j.ca, j.sa}, [2]float64{j.cb, j.sb}, [2]float64{j.cc, j.sc}
	j.qb, j.qc = j.pb, j.pc
}

// jointFeatures returns the terms of the first elements of every head: (B, T, H·elements·15) of x (B, T, D)
// and joint (H, 5).
func jointFeatures[T op.Float](h op.Heads, elements int, isQuery bool) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		width := h.Count * elements * jointTerms
		// each calls f with every element of x: its index, its head, and the index of its first term.
		each := func(f func(at, head, term int)) {
			for row := range h.Batch * h.Tokens {
				for head := range h.Count {
					for i := range elements {
						f(row*h.Width+head*h.HeadWidth()+i, head, row*width+(head*elements+i)*jointTerms)
					}
				}
			}
		}
		sides := make([]jointSide, h.Count)
		open := func(joint []T) {
			for head := range sides {
				sides[head] = newJointSide(isQuery, joint[head*5:])
			}
		}
		sum := make([]float64, 5*h.Count)
		return op.Apply(op.Kernel[T]{
			Name:   "JointFeatures",
			Shape:  tensor.Shape{h.Batch, h.Tokens, width},
			Memory: op.Memory[T]{BackwardIgnores: []int{op.Result}},
			Forward: func(out []T, in [][]T) error {
				open(in[1])
				each(func(at, head, term int) {
					j := &sides[head]
					j.set(float64(in[0][at]))
					writeTerms(j, out[term:term+jointTerms])
				})
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				open(in[1])
				clear(din[0])
				clear(sum)
				each(func(at, head, term int) {
					j, v := &sides[head], float64(in[0][at])
					j.set(v)
					da, db, dc, dw := pullTerms(j, dout[term:term+jointTerms])
					own, other := da, db
					if !isQuery {
						own, other = db, da
					}
					if din[0] != nil {
						din[0][at] = T(j.own*own + j.other*other + j.turn*dc)
					}
					to := sum[5*head:]
					to[0] += v * own
					to[1] += v * (own - other)
					to[2] += v * (own + other)
					to[3] += v * dc
					to[4] += j.slope * dw
				})
				for i := range din[1] {
					din[1][i] = T(sum[i])
				}
				return nil
			},
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				return writeJoint(b, in[0], in[1], h, elements, isQuery)
			},
		}, x...)
	}
}

// writeTerms writes the terms of an element.
func writeTerms[T op.Float](j *jointSide, out []T) {
	out[0] = 1
	if j.isQuery {
		out[0] = 0.5
	}
	for i := range 2 {
		out[1+i] = T(j.w1 * j.pa[i])
		for k := range 2 {
			for l := range 2 {
				out[3+4*i+2*k+l] = T(j.w2 * j.pc[i] * j.pa[k] * j.pb[l])
			}
			out[11+2*i+k] = T(j.w2 * j.qc[i] * j.qb[k])
		}
	}
}

// pullTerms returns the derivatives by the angles of an element, and by both weights, whose slopes in β are
// equal.
func pullTerms[T op.Float](j *jointSide, g []T) (da, db, dc, dw float64) {
	var pa, pb, pc, qb, qc [2]float64
	for i := range 2 {
		d := float64(g[1+i])
		pa[i] += d * j.w1
		dw += d * j.pa[i]
		for k := range 2 {
			for l := range 2 {
				d := float64(g[3+4*i+2*k+l])
				pc[i] += d * j.w2 * j.pa[k] * j.pb[l]
				pa[k] += d * j.w2 * j.pc[i] * j.pb[l]
				pb[l] += d * j.w2 * j.pc[i] * j.pa[k]
				dw += d * j.pc[i] * j.pa[k] * j.pb[l]
			}
			d := float64(g[11+2*i+k])
			qc[i] += d * j.w2 * j.qb[k]
			qb[k] += d * j.w2 * j.qc[i]
			dw += d * j.qc[i] * j.qb[k]
		}
	}
	if j.isQuery {
		da = -pa[0]*j.sa - pa[1]*j.ca
		db = pb[0]*j.cb - pb[1]*j.sb - qb[0]*j.sb - qb[1]*j.cb
		dc = -pc[0]*j.sc - pc[1]*j.cc + qc[0]*j.cc - qc[1]*j.sc
		return da, db, dc, dw
	}
	da = -pa[0]*j.sa + pa[1]*j.ca
	db = -(pb[0]+qb[0])*j.sb + (pb[1]+qb[1])*j.cb
	dc = -(pc[0]+qc[0])*j.sc + (pc[1]+qc[1])*j.cc
	return da, db, dc, dw
}

// writeJoint writes the terms as operators.
func writeJoint(b *onnx.Builder, x, joint onnx.Value, h op.Heads, elements int, isQuery bool) onnx.Value {
	x = b.Reshape(x, h.Batch, h.Tokens, h.Count, h.HeadWidth(), 1)
	x = b.Slice(x, 3, 0, elements)
	number := func(i int) onnx.Value { return b.Reshape(b.Slice(joint, 1, i, i+1), 1, 1, h.Count, 1, 1) }
	e, g, s := number(0), number(1), number(2)
	a := b.Add(b.Mul(x, b.Add(b.Add(e, g), s)), b.Scalar(math.Pi/4))
	other, c := b.Mul(x, b.Sub(s, g)), b.Mul(x, number(3))
	beta := b.Scale(number(4), 2)
	w1, w2 := b.Scalar(1), b.Scalar(1)
	first := b.Add(b.Scale(x, 0), b.Scalar(1))
	negative := 1.0
	if isQuery {
		w1, w2 = b.Scale(b.Mul(b.Cos(beta), b.Cos(beta)), 0.5), b.Scale(b.Mul(b.Sin(beta), b.Sin(beta)), -0.5)
		first, negative = b.Scale(first, 0.5), -1
	} else {
		a, other = other, a
	}
	minus := func(v onnx.Value) onnx.Value { return b.Scale(v, negative) }
	pa, pc := [2]onnx.Value{b.Cos(a), minus(b.Sin(a))}, [2]onnx.Value{b.Cos(c), minus(b.Sin(c))}
	qb := [2]onnx.Value{b.Cos(other), minus(b.Sin(other))}
	pb, qc := qb, pc
	if isQuery {
		pb, qc = [2]onnx.Value{b.Sin(other), b.Cos(other)}, [2]onnx.Value{b.Sin(c), b.Cos(c)}
	}
	terms := []onnx.Value{first, b.Mul(pa[0], w1), b.Mul(pa[1], w1)}
	for i := range 8 {
		terms = append(terms, b.Mul(b.Mul(b.Mul(pc[i>>2], pa[i>>1&1]), pb[i&1]), w2))
	}
	for i := range 4 {
		terms = append(terms, b.Mul(b.Mul(qc[i>>1], qb[i&1]), w2))
	}
	return b.Reshape(b.Concat(4, terms...), h.Batch, h.Tokens, h.Count*elements*jointTerms)
}
