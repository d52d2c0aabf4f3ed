package onnxtest

import (
	"math"
	"slices"
)

func integers(t Tensor) (out []int) {
	for _, v := range t.Data {
		out = append(out, int(v))
	}
	return out
}

// index returns the index of an element along every axis.
func index(i int, shape []int) []int {
	out := make([]int, len(shape))
	for k := len(shape) - 1; k >= 0; k-- {
		out[k] = i % shape[k]
		i /= shape[k]
	}
	return out
}

// at returns the element at an index, of which leading axes are left out and axes of size 1 repeated.
func (t Tensor) at(index []int) float64 {
	index = index[len(index)-len(t.Shape):]
	i := 0
	for k, d := range t.Shape {
		i *= d
		if d > 1 {
			i += index[k]
		}
	}
	return t.Data[i]
}

// each returns the tensor of that shape whose elements f gives.
func each(shape []int, f func(index []int) float64) Tensor {
	t := Tensor{slices.Clone(shape), make([]float64, sizeOf(shape))}
	for i := range t.Data {
		t.Data[i] = f(index(i, shape))
	}
	return t
}

func together(x, y []int) []int {
	if len(x) < len(y) {
		x, y = y, x
	}
	out := slices.Clone(x)
	for i, d := range y {
		k := len(x) - len(y) + i
		if out[k] != d && out[k] != 1 && d != 1 {
			panic("shapes do not fit")
		}
		out[k] = max(out[k], d)
	}
	return out
}

func broadcast(x, y Tensor, f func(v, w float64) float64) Tensor {
	return each(together(x.Shape, y.Shape), func(i []int) float64 { return f(x.at(i), y.at(i)) })
}

func matMul(x, y Tensor) Tensor {
	p, q := len(x.Shape)-2, len(y.Shape)-2
	if x.Shape[p+1] != y.Shape[q] {
		panic("matrices do not fit")
	}
	shape := append(together(x.Shape[:p], y.Shape[:q]), x.Shape[p], y.Shape[q+1])
	k, last := x.Shape[p+1], len(shape)-1
	return each(shape, func(i []int) (sum float64) {
		left, right := slices.Clone(i), slices.Clone(i)
		for j := range k {
			left[last], right[last-1] = j, j
			sum += x.at(left) * y.at(right)
		}
		return sum
	})
}

// gemm is x·wᵀ + c.
func gemm(in []Tensor) Tensor {
	return each([]int{in[0].Shape[0], in[1].Shape[0]}, func(i []int) (sum float64) {
		for j := range in[0].Shape[1] {
			sum += in[0].at([]int{i[0], j}) * in[1].at([]int{i[1], j})
		}
		if len(in) == 3 {
			sum += in[2].at(i)
		}
		return sum
	})
}

func (t Tensor) softmax(axis int) Tensor {
	if axis != -1 {
		panic("softmax of another axis than the last")
	}
	y, width := Tensor{t.Shape, slices.Clone(t.Data)}, t.Shape[len(t.Shape)-1]
	for r := 0; r < len(y.Data); r += width {
		row, sum := y.Data[r:r+width], 0.0
		largest := slices.Max(row)
		for i := range row {
			row[i] = math.Exp(row[i] - largest)
			sum += row[i]
		}
		for i := range row {
			row[i] /= sum
		}
	}
	return y
}

// normalize brings every width numbers to mean 0 and deviation 1, then to w·x + b.
func (t Tensor) normalize(width int, eps float64, affine func(i int) (w, b float64)) Tensor {
	y := Tensor{t.Shape, slices.Clone(t.Data)}
	for r := 0; r < len(y.Data); r += width {
		row, mean, variance := y.Data[r:r+width], 0.0, 0.0
		for _, v := range row {
			mean += v / float64(width)
		}
		for _, v := range row {
			variance += (v - mean) * (v - mean) / float64(width)
		}
		for i, v := range row {
			w, b := affine(r + i)
			row[i] = w*(v-mean)/math.Sqrt(variance+eps) + b
		}
	}
	return y
}

func conv(x, w, bias Tensor, pads, strides []int) Tensor {
	side := func(axis int) int {
		return (x.Shape[axis]+pads[axis-2]+pads[axis]-w.Shape[axis])/strides[axis-2] + 1
	}
	return each([]int{x.Shape[0], w.Shape[0], side(2), side(3)}, func(i []int) float64 {
		sum := bias.Data[i[1]]
		for c := range w.Shape[1] {
			for r := range w.Shape[2] {
				for s := range w.Shape[3] {
					top, left := i[2]*strides[0]+r-pads[0], i[3]*strides[1]+s-pads[1]
					if top >= 0 && top < x.Shape[2] && left >= 0 && left < x.Shape[3] {
						sum += x.at([]int{i[0], c, top, left}) * w.at([]int{i[1], c, r, s})
					}
				}
			}
		}
		return sum
	})
}

func (t Tensor) reduce(op string, axes []int, keep bool) Tensor {
	kept, dropped := slices.Clone(t.Shape), []int{}
	count := 1
	for _, a := range axes {
		count *= t.Shape[a]
		kept[a] = 1
	}
	for a, d := range t.Shape {
		if !slices.Contains(axes, a) {
			dropped = append(dropped, d)
		}
	}
	y := each(kept, func([]int) float64 {
		if op == "ReduceMax" {
			return math.Inf(-1)
		}
		return 0
	})
	for i, v := range t.Data {
		at, j := index(i, t.Shape), 0
		for a, d := range kept {
			j *= d
			if d > 1 {
				j += at[a]
			}
		}
		switch op {
		case "ReduceMax":
			y.Data[j] = max(y.Data[j], v)
		case "ReduceL2":
			y.Data[j] += v * v
		default:
			y.Data[j] += v
		}
	}
	for j := range y.Data {
		switch op {
		case "ReduceL2":
			y.Data[j] = math.Sqrt(y.Data[j])
		case "ReduceMean":
			y.Data[j] /= float64(count)
		}
	}
	if !keep {
		y.Shape = dropped
	}
	return y
}

func (t Tensor) reshape(to []int) Tensor {
	shape, known, free := slices.Clone(to), 1, -1
	for i, d := range to {
		switch d {
		case -1:
			free = i
			continue
		case 0:
			shape[i] = t.Shape[i]
		}
		known *= shape[i]
	}
	if free >= 0 {
		shape[free] = len(t.Data) / known
	}
	return Tensor{shape, t.Data}
}

func (t Tensor) transpose(perm []int) Tensor {
	shape := make([]int, len(perm))
	for k, p := range perm {
		shape[k] = t.Shape[p]
	}
	return each(shape, func(i []int) float64 {
		from := make([]int, len(i))
		for k, p := range perm {
			from[p] = i[k]
		}
		return t.at(from)
	})
}

func (t Tensor) slice(axis, from, to int) Tensor {
	shape := slices.Clone(t.Shape)
	shape[axis] = to - from
	return each(shape, func(i []int) float64 {
		i[axis] += from
		return t.at(i)
	})
}

func concat(axis int, in []Tensor) Tensor {
	shape := slices.Clone(in[0].Shape)
	for _, x := range in[1:] {
		shape[axis] += x.Shape[axis]
	}
	return each(shape, func(i []int) float64 {
		for _, x := range in {
			if i[axis] < x.Shape[axis] {
				return x.at(i)
			}
			i[axis] -= x.Shape[axis]
		}
		panic("beyond the last operand")
	})
}

func (t Tensor) gather(axis int, indices Tensor) Tensor {
	k := len(indices.Shape)
	return each(slices.Concat(t.Shape[:axis], indices.Shape, t.Shape[axis+1:]), func(i []int) float64 {
		which := int(indices.at(i[axis : axis+k]))
		return t.at(slices.Concat(i[:axis], []int{which}, i[axis+k:]))
	})
}

func (t Tensor) pad(pads []int) Tensor {
	n, shape := len(t.Shape), slices.Clone(t.Shape)
	for k := range shape {
		shape[k] += pads[k] + pads[n+k]
	}
	return each(shape, func(i []int) float64 {
		for k := range i {
			i[k] -= pads[k]
			if i[k] < 0 || i[k] >= t.Shape[k] {
				return 0
			}
		}
		return t.at(i)
	})
}
