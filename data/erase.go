package data

import "math"

// The rectangles of random erasing: their share of the image, and their aspect.
const (
	leastErased, mostErased = 0.02, 1. / 3
	leastAspect             = 0.3
	eraseTries              = 10
)

// erase fills a rectangle with noise of mean 0 and deviation 1, by chance. Source: Zhong et al., arXiv
// 1708.04896; timm's RandomErasing of mode pixel, count 1.
func (a Augment) erase(image []float32, channels, size, index int, seed uint64, epoch int) {
	if a.Erase == 0 {
		return
	}
	random := newStream(forErase, seed, uint64(epoch), uint64(index))
	if random.Float64() >= a.Erase {
		return
	}
	for range eraseTries {
		area := float64(size*size) * (leastErased + (mostErased-leastErased)*random.Float64())
		aspect := math.Exp(math.Log(leastAspect) * random.symmetric())
		height, width := int(math.Round(math.Sqrt(area*aspect))), int(math.Round(math.Sqrt(area/aspect)))
		if height >= size || width >= size || height < 1 || width < 1 {
			continue
		}
		top, left := random.intn(size-height+1), random.intn(size-width+1)
		for c := range channels {
			for y := top; y < top+height; y++ {
				row := image[(c*size+y)*size:][left : left+width]
				for x := range row {
					row[x] = float32(random.normal())
				}
			}
		}
		return
	}
}

// normal returns a normal number (Box and Muller, 1958).
func (s *stream) normal() float64 {
	return math.Sqrt(-2*math.Log(1-s.Float64())) * math.Cos(2*math.Pi*s.Float64())
}
