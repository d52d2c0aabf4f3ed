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

// tappedExamples is the number of examples, about, whose attention is read: the first of a split.
const tappedExamples = 512

// mostValues is the largest number of elements that a tap value reports one by one; of more the mean is
// reported.
const mostValues = 16

// TapValue is one number that a tap of the model gives, under a name that is the same in every epoch.
//
// An attention tap gives, for each head h, NAME.entropy.h: the entropy of a token's distribution over the
// tokens it attends to, divided by log T, so in [0,1], averaged over tokens and over the first examples of
// the split. It is 1 for uniform attention and 0 for attention to one token alone. A value tap gives NAME, or
// NAME.i for each of up to 16 elements i, or NAME.mean for more.
type TapValue struct {
	Name  string
	Value float64
}

// tapSums are the tap values of one micro-batch, summed over its rows.
type tapSums struct {
	rows   int
	values []TapValue
	summed []bool // over the rows; the other values do not depend on them
}

// read reads the taps after a run of that many rows.
func (t *tapSums) read(all []nn.Tap, rows int) error {
	t.rows = rows
	for _, tap := range all {
		if tap.Kind == nn.TapTokens {
			continue
		}
		values, err := elements(tap.Node)
		if err != nil {
			return errors.WithMessagef(err, "train: tap %s", tap.Name)
		}
		if shape := tap.Node.Shape(); tap.Kind == nn.TapAttention && shape.Dims() == 4 {
			t.addEntropies(tap.Name, values, shape, rows)
			continue
		}
		t.addValue(tap.Name, values)
	}
	return nil
}

func elements(n *G.Node) ([]float64, error) {
	if n.Dtype() == tensor.Float64 {
		return op.Elements[float64](n.Value())
	}
	narrow, err := op.Elements[float32](n.Value())
	wide := make([]float64, len(narrow))
	widen(wide, narrow)
	return wide, err
}

// addEntropies sums the relative entropies of each head of (B, H, T, T).
func (t *tapSums) addEntropies(name string, values []float64, shape tensor.Shape, rows int) {
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
		t.add(name+".entropy."+strconv.Itoa(h), relative, true)
	}
}

func (t *tapSums) addValue(name string, values []float64) {
	switch {
	case len(values) == 1:
		t.add(name, values[0], false)
	case len(values) <= mostValues:
		for i, v := range values {
			t.add(name+"."+strconv.Itoa(i), v, false)
		}
	default:
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		t.add(name+".mean", sum/float64(len(values)), false)
	}
}

func (t *tapSums) add(name string, v float64, summed bool) {
	t.values = append(t.values, TapValue{name, v})
	t.summed = append(t.summed, summed)
}

// averageTaps averages over the rows of all micro-batches what is summed over them, and takes the rest from
// the first.
func averageTaps(all []tapSums) []TapValue {
	if len(all) == 0 {
		return nil
	}
	total := append([]TapValue{}, all[0].values...)
	rows := all[0].rows
	for _, t := range all[1:] {
		rows += t.rows
		for i, v := range t.values {
			if t.summed[i] {
				total[i].Value += v.Value
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
