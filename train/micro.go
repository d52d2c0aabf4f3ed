package train

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// micro is a micro-batch in the inputs of a replica. Rows beyond those of the images are masked.
type micro[T op.Float] struct {
	split   string
	images  []T      // (micro, C, S, S)
	targets []T      // as the graph's
	labels  []int    // of the images; empty for images without labels
	indices []int    // of the images in their split
	keys    []uint64 // of all rows, see nn.RandomSource

	pixels []float32 // what the images are made of; they themselves for float32
	narrow []float32 // targets, before they get their dtype
}

// loader prepares micro-batches of a split.
type loader[T op.Float] struct {
	plan
	split   string // its name in errors
	planes  *data.Images
	augment data.Augment
	seed    uint64
}

func (l *loader[T]) newMicro(r *replica[T]) *micro[T] {
	m := &micro[T]{split: l.split, images: r.images, targets: r.targets, keys: make([]uint64, l.micro), narrow: make([]float32, l.micro*l.targets)}
	if same, ok := any(m.images).([]float32); ok {
		m.pixels = same
	} else {
		m.pixels = make([]float32, len(m.images))
	}
	return m
}

// fill prepares the images with those indices; the result does not depend on what m held.
func (l *loader[T]) fill(m *micro[T], epoch int, indices []int) error {
	m.indices = append(m.indices[:0], indices...)
	used := len(indices) * l.imageLen()
	var err error
	if l.augment == (data.Augment{}) {
		err = l.planes.Fill(m.pixels, indices)
	} else {
		err = l.planes.FillAugmented(m.pixels, indices, l.augment, l.seed, epoch)
	}
	if err != nil {
		return err
	}
	clear(m.pixels[used:])
	if s := dense.SumSquares(m.pixels[:used]); s-s != 0 { // in float64, which squares of finite pixels do not leave
		return l.notFinite(m.pixels[:used], indices)
	}
	if op.DtypeOf[T]() != op.DtypeOf[float32]() {
		convert(m.images, m.pixels)
	}
	for i := range m.keys {
		m.keys[i] = uint64(epoch) << 32
		if i < len(indices) {
			m.keys[i] |= uint64(indices[i])
		}
	}
	return l.label(m, epoch)
}

// notFinite returns the error of the first pixel that is not.
func (l *loader[T]) notFinite(pixels []float32, indices []int) error {
	for i, v := range pixels {
		if v-v != 0 {
			return errors.Errorf("train: image %d of the %s split holds %v at value %d of %d, want finite pixels", indices[i/l.imageLen()], l.split, v, i%l.imageLen(), l.imageLen())
		}
	}
	return nil
}

// label writes the labels and the targets of the images in m.
func (l *loader[T]) label(m *micro[T], epoch int) error {
	m.labels = m.labels[:0]
	if l.planes.Labels != nil {
		for _, i := range m.indices {
			m.labels = append(m.labels, l.planes.Labels[i])
		}
	}
	if l.targets > 0 {
		clear(m.narrow)
		err := l.planes.Targets(m.narrow, m.indices, l.targets, l.augment, l.seed, epoch)
		convert(m.targets, m.narrow)
		return err
	}
	for i := range m.targets {
		m.targets[i] = -1
		if i < len(m.labels) {
			m.targets[i] = T(m.labels[i])
		}
	}
	return nil
}

func convert[T op.Float](dst []T, src []float32) {
	for i, v := range src {
		dst[i] = T(v)
	}
}

// some lists the first of many images.
func some(images []int) string {
	const shown = 8
	if len(images) <= shown {
		return fmt.Sprint(images)
	}
	return fmt.Sprintf("%s … %d in all]", strings.TrimSuffix(fmt.Sprint(images[:shown]), "]"), len(images))
}

// rowInError finds where the error of a graph names one row of its batch, as losses and layers do.
var rowInError = regexp.MustCompile(`\b(?:row|image) (\d+)\b`)

// name says of the error of a graph which images it is about.
func (m *micro[T]) name(err error) error {
	if err == nil {
		return nil
	}
	which := fmt.Sprintf("images %s of the %s split", some(m.indices), m.split)
	if found := rowInError.FindStringSubmatch(err.Error()); found != nil {
		if row, _ := strconv.Atoi(found[1]); row < len(m.indices) {
			which = fmt.Sprintf("row %d is image %d; %s", row, m.indices[row], which)
		}
	}
	return errors.WithMessage(err, which)
}
