package data

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// parts are the images and labels of the splits of a set as a file holds them.
type parts [3]struct{ images, labels *array }

var partNames = [3]string{"train", "val", "test"}

// splits returns the splits of a set in the order of parts.
func (s *Set) splits() [3]*Split { return [3]*Split{&s.Train, &s.Val, &s.Test} }

// fill makes the splits of a set from what a file holds.
func (s *Set) fill(p parts, o Options) error {
	of, said := o.form["of"]
	kind := Pictures
	if said {
		var err error
		if kind, err = parseKind(of); err != nil {
			return err
		}
	}
	for i, part := range p {
		if part.images == nil {
			continue
		}
		shape := &s.splits()[i].Shape
		var err error
		if numbers := len(part.images.dims) == 2 && !said || said && kind != Pictures; numbers {
			err = part.images.numbersShape(kind, shape)
		} else {
			err = part.images.imageShape(shape)
		}
		if err != nil {
			return errors.WithMessage(err, partNames[i])
		}
	}
	if err := s.fillPixels(p); err != nil {
		return err
	}
	return s.fillTargets(p, o)
}

// numbersShape finds the shape of sequences (N, T, F) or vectors (N, F). An array (N, F) can be nothing else
// than vectors; one of three axes is of pictures unless the user says that it is of sequences.
func (a *array) numbersShape(kind Kind, shape *Shape) error {
	d := a.dims
	switch {
	case a.kind == 'U' || a.kind == 'S':
		return errors.Errorf("%v of text, want numbers", kind)
	case len(d) == 2 && kind != Sequences:
		*shape = Shape{Channels: d[1]}
	case len(d) == 3 && kind == Sequences:
		*shape = Shape{Height: d[1], Channels: d[2]}
	case kind == Sequences:
		return errors.Errorf("array %v, want sequences (N, steps, features)", d)
	default:
		return errors.Errorf("array %v, want vectors (N, features)", d)
	}
	if shape.Len() == 0 || shape.Kind() == Pictures || kind == Sequences && shape.Kind() != Sequences {
		return errors.Errorf("array %v holds no numbers", d)
	}
	return shape.check()
}

// imageShape finds the shape of images (N, H, W), (N, H, W, C) or (N, C, H, W), and makes the last of them
// the array's own order.
func (a *array) imageShape(shape *Shape) error {
	colours := func(n int) bool { return n == 1 || n == 3 }
	d := a.dims
	switch {
	case a.kind == 'U' || a.kind == 'S':
		return errors.New("images of text, want numbers")
	case len(d) == 3:
		*shape = Shape{d[1], d[2], 1}
	case len(d) == 4 && colours(d[3]):
		*shape = Shape{d[1], d[2], d[3]}
	case len(d) == 4 && colours(d[1]):
		*shape = Shape{d[2], d[3], d[1]}
		a.channelsLast()
	case len(d) == 4:
		return errors.Errorf("images %v of %d channels, want 1 (grey) or 3 (red, green, blue): (N, H, W), "+
			"(N, H, W, C) or (N, C, H, W)", d, min(d[1], d[3]))
	default:
		return errors.Errorf("array %v, want images (N, H, W), (N, H, W, C) or (N, C, H, W)", d)
	}
	return shape.check()
}

// channelsLast makes (N, H, W, C) of (N, C, H, W).
func (a *array) channelsLast() {
	n, c, area := a.dims[0], a.dims[1], a.dims[2]*a.dims[3]
	a.dims = []int{n, a.dims[2], a.dims[3], c}
	if c == 1 {
		return
	}
	values := make([]byte, 0, len(a.values))
	for image := range n {
		for at := range area {
			for channel := range c {
				from := ((image*c+channel)*area + at) * a.size
				values = append(values, a.values[from:from+a.size]...)
			}
		}
	}
	a.values = values
}

// fillPixels finds the scale of all images together and makes pixels of them: bytes of integers and of whole
// numbers in 0 to 255, else real numbers.
func (s *Set) fillPixels(p parts) error {
	low, high, whole, kind := math.Inf(1), math.Inf(-1), true, byte('b')
	if all := s.splits(); slices.ContainsFunc(all[:],
		func(split *Split) bool { return split.Kind() != Pictures }) {
		for i, part := range p {
			if split := s.splits()[i]; part.images != nil {
				split.Floats = part.images.floats(func(v float64) float32 { return float32(v) })
			}
		}
		return nil // check looks for what is not finite
	}
	for i, part := range p {
		if part.images == nil {
			continue
		}
		l, h, w := part.images.span()
		if math.IsNaN(l) || math.IsInf(l, -1) || math.IsInf(h, 1) {
			split := s.splits()[i]
			split.Floats = part.images.floats(func(v float64) float32 { return float32(v) })
			return errors.WithMessage(finite(split.Floats, split.Shape.Len(), split.Kind()), partNames[i])
		}
		low, high, whole = math.Min(low, l), math.Max(high, h), whole && w
		if k := part.images.kind; k == 'f' || kind == 'b' {
			kind = k
		}
	}
	if low > high {
		return nil // no images, as check says
	}
	if !s.Scale.Known() { // as that of a listed set is
		var err error
		if s.Scale, err = scaleOf(kind, low, high); err != nil {
			return err
		}
		s.note(s.Scale.remark(kind, low, high))
	}
	for i, part := range p {
		if part.images != nil {
			s.splits()[i].fill(*part.images, s.Scale, kind != 'f' || s.Scale == byteScale && whole)
		}
	}
	return nil
}

// fill makes the pixels of a split.
func (s *Split) fill(a array, scale Scale, bytes bool) {
	switch {
	case bytes && a.kind == 'u' && a.size == 1 && scale == byteScale:
		s.Images = a.values
	case bytes:
		s.Images = make([]uint8, a.Len())
		for i := range s.Images {
			if v := a.number(i); scale.White == math.MaxUint16 {
				s.Images[i] = uint8(uint16(v) >> 8) // as of a picture of 16 bits
			} else {
				s.Images[i] = uint8(v * 255 / scale.White)
			}
		}
	case scale == byteScale:
		s.Floats = a.floats(func(v float64) float32 { return float32(v) / 255 })
	case scale == Scale{-1, 1}:
		s.Floats = a.floats(func(v float64) float32 { return float32((v + 1) / 2) })
	default:
		s.Floats = a.floats(func(v float64) float32 { return float32(v) })
	}
	if s.Floats != nil && scale.Known() {
		s.background = s.brightness()
	}
}

// floats returns all numbers of an array.
func (a array) floats(pixel func(float64) float32) []float32 {
	x := make([]float32, a.Len())
	for i := range x {
		x[i] = pixel(a.number(i))
	}
	return x
}
