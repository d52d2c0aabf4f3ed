package train

import (
	"math"
	"strconv"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// tapped is of how many images, about, the attention is read: the first of a split.
const tapped = 512

// mostValues is how many elements of a value are told one by one; of a larger one the mean is.
const mostValues = 16

// TapValue is one number that a tap of the model gives, under a name that is the same in every epoch.
//
// An attention tap gives, for each head h, NAME.entropy.h: the entropy of the distribution of a token over the tokens it attends to, divided
// by log T, so in [0,1], averaged over tokens and over the first images of the split. 1 is attention to all alike, 0 to one alone. A value
// tap gives NAME, or NAME.i for each of up to 16 elements i, or NAME.mean for more.
type TapValue struct {
	Name  string
	Value float64
}

// taps is what the taps say of one micro-batch: readings summed over rows.
type taps struct {
	rows     int
	readings []TapValue
	summed   []bool // over the rows; the other readings do not depend on them
}

// read reads the taps after a run of that many rows.
func (t *taps) read(all []nn.Tap, rows int) error {
	t.rows = rows
	for _, tap := range all {
		values, err := elements(tap.Node)
		if err != nil {
			return errors.WithMessagef(err, "train: tap %s", tap.Name)
		}
		if shape := tap.Node.Shape(); tap.Kind == nn.TapAttention && shape.Dims() == 4 {
			t.attention(tap.Name, values, shape, rows)
			continue
		}
		t.value(tap.Name, values)
	}
	return nil
}

func elements(n *G.Node) ([]float64, error) {
	if n.Dtype() == tensor.Float64 {
		return op.Elements[float64](n.Value())
	}
	narrow, err := op.Elements[float32](n.Value())
	wide := make([]float64, len(narrow))
	for i, v := range narrow {
		wide[i] = float64(v)
	}
	return wide, err
}

// attention sums the relative entropies of each head of (B, H, T, T).
func (t *taps) attention(name string, values []float64, shape tensor.Shape, rows int) {
	heads, queries, keys := shape[1], shape[2], shape[3]
	sums := make([]float64, heads)
	for row := range rows {
		for h := range heads {
			from := (row*heads + h) * queries * keys
			for _, p := range values[from : from+queries*keys] {
				if p > 0 {
					sums[h] -= p * math.Log(p)
				}
			}
		}
	}
	for h, s := range sums {
		relative := s / float64(queries)
		if keys > 1 {
			relative /= math.Log(float64(keys))
		}
		t.readings = append(t.readings, TapValue{name + ".entropy." + strconv.Itoa(h), relative})
		t.summed = append(t.summed, true)
	}
}

func (t *taps) value(name string, values []float64) {
	add := func(name string, v float64) {
		t.readings = append(t.readings, TapValue{name, v})
		t.summed = append(t.summed, false)
	}
	switch {
	case len(values) == 1:
		add(name, values[0])
	case len(values) <= mostValues:
		for i, v := range values {
			add(name+"."+strconv.Itoa(i), v)
		}
	default:
		var m mean
		for _, v := range values {
			m.add(v)
		}
		add(name+".mean", m.value())
	}
}

// summarise averages over the rows of all micro-batches what is summed over them, and takes the rest from the first.
func summarise(all []taps) []TapValue {
	if len(all) == 0 {
		return nil
	}
	total := append([]TapValue{}, all[0].readings...)
	rows := all[0].rows
	for _, t := range all[1:] {
		rows += t.rows
		for i, r := range t.readings {
			if t.summed[i] {
				total[i].Value += r.Value
			}
		}
	}
	for i := range total {
		if all[0].summed[i] {
			total[i].Value /= float64(rows)
		}
	}
	return total
}
