package data

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// The images that whitening looks at, and what is added to the variances of its directions.
const (
	whitenImages = 5000
	whitenFloor  = 5e-4
)

// Whitening returns filters (2n, C, side, side) that whiten the patches of the images, as a model reads them:
// n directions vᵢ/√(λᵢ + 5e-4), the eigenvectors of the second moments of all patches of the first 5,000
// images with the n largest eigenvalues, in falling order, each followed by its negative. The sign of vᵢ is
// that which makes its largest element positive. There are at most as many directions as a patch has values.
//
// It returns an error if there are no pictures, or the side is not in them.
//
// Source: Jordan, arXiv:2404.00498, with n directions for all.
func (p *Images) Whitening(side, n int) ([]float32, error) {
	if err := p.check(nil); err != nil {
		return nil, err
	}
	width := p.Channels * side * side
	switch {
	case p.images.Kind() != Pictures || p.Len() == 0:
		return nil, errors.Errorf("data: whitening of %d examples that are %v, want pictures", p.Len(),
			p.images.Kind())
	case side < 1 || side > p.Size || width > 1024:
		return nil, errors.Errorf("data: whitening of patches of side %d, want 1 to %d, and at most 1024 "+
			"values", side, p.Size)
	case n < 1 || n > width:
		return nil, errors.Errorf("data: whitening in %d directions, want 1 to %d", n, width)
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(p.secondMoments(side, min(whitenImages, p.Len())), true) {
		return nil, errors.New("data: whitening: the second moments of the patches have no eigenvalues")
	}
	values, vectors := eigen.Values(nil), new(mat.Dense) // in rising order
	eigen.VectorsTo(vectors)
	filters := make([]float32, 0, 2*n*width)
	for i := width - 1; i >= width-n; i-- {
		v := mat.Col(nil, i, vectors)
		scale, largest := 1/math.Sqrt(math.Max(values[i], 0)+whitenFloor), 0.0
		for _, x := range v {
			if math.Abs(x) > math.Abs(largest) {
				largest = x
			}
		}
		if largest < 0 {
			scale = -scale
		}
		for _, sign := range []float64{1, -1} {
			for _, x := range v {
				filters = append(filters, float32(sign*scale*x))
			}
		}
	}
	return filters, nil
}

// secondMoments returns the mean of the outer products of all patches of the first images with themselves.
func (p *Images) secondMoments(side, images int) *mat.SymDense {
	places := p.Size - side + 1
	width, area := p.Channels*side*side, p.Size*p.Size
	image := make([]float32, p.ImageLen())
	patches := mat.NewDense(places*places, width, nil)
	sum, one := mat.NewSymDense(width, nil), mat.NewSymDense(width, nil)
	for index := range images {
		p.image(image, index)
		for place := range places * places {
			row := patches.RawRowView(place)
			for i := range row {
				c, y, x := i/(side*side), i/side%side+place/places, i%side+place%places
				row[i] = float64(image[c*area+y*p.Size+x])
			}
		}
		one.SymOuterK(1/float64(images*places*places), patches.T())
		sum.AddSym(sum, one)
	}
	return sum
}
