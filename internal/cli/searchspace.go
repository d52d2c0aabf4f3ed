package cli

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// dimension is a key of a recipe and what a search draws for it.
type dimension struct {
	key       string
	choices   []string // one of these; nil: a number
	low, high float64
	whole     bool // the numbers are integers
}

// ofTheSearch are keys that all trials share, since they say what is compared or how.
var ofTheSearch = []string{"data", "limit", "seed", "epochs", "keep_epochs", "patience", "select", "model",
	"size", "from", "teacher"}

// The keys of RandAugment, of which one makes no sense without the other.
const (
	randOps       = augmentationBlock + ".rand_ops"
	randMagnitude = augmentationBlock + ".rand_magnitude"
)

// parseSpace reads texts such as lr=1e-4..1e-2, augmentation.rand_ops=0..3 or optimizer=adamw|muon.
func parseSpace(texts []string) (space []dimension, err error) {
	seen := map[string]bool{}
	for _, text := range texts {
		key, values, _ := strings.Cut(text, "=")
		d := dimension{key: strings.TrimSpace(key)}
		block, _, nested := strings.Cut(d.key, ".")
		switch {
		case d.key == "" || strings.TrimSpace(values) == "":
			return nil, errors.Errorf("--over %q, want KEY=LOW..HIGH or KEY=VALUE|VALUE, such as "+
				"lr=1e-4..1e-2", text)
		case seen[d.key]:
			return nil, errors.Errorf("--over %s is given twice", d.key)
		case slices.Contains(ofTheSearch, d.key):
			return nil, errors.Errorf("--over %s: all trials have the same %s, want another key", d.key, d.key)
		case nested && block != architectureBlock && block != augmentationBlock:
			return nil, errors.Errorf("--over %s: there is no block %q, want %s or %s", d.key, block,
				architectureBlock, augmentationBlock)
		case !nested && (block == architectureBlock || block == augmentationBlock):
			return nil, errors.Errorf("--over %s: want a key of the block, as %s.KEY", d.key, block)
		}
		seen[d.key] = true
		low, high, isRange := strings.Cut(values, "..")
		if !isRange {
			d.choices = strings.Split(values, "|")
		} else if err := d.readRange(low, high); err != nil {
			return nil, errors.WithMessagef(err, "--over %s", text)
		}
		space = append(space, d)
	}
	if len(space) == 0 {
		return nil, errors.New("no --over: want a range of at least one key, such as lr=1e-4..1e-2")
	}
	return space, nil
}

func (d *dimension) readRange(low, high string) error {
	var err, err2 error
	d.low, err = strconv.ParseFloat(low, 64)
	d.high, err2 = strconv.ParseFloat(high, 64)
	if err != nil || err2 != nil || !(d.low < d.high) || math.IsInf(d.high-d.low, 0) {
		return errors.New("want LOW..HIGH, two numbers, the lower one first")
	}
	_, err = strconv.Atoi(low)
	_, err2 = strconv.Atoi(high)
	d.whole = err == nil && err2 == nil
	return nil
}

// draw returns the value of a trial, as YAML. It depends on the seed, the trial and the key alone, so that a
// search with more trials, or more keys, begins with those of a smaller one. Real numbers above 0 are drawn
// evenly on a logarithmic scale if the range spans a factor of 10, all others evenly.
func (d dimension) draw(seed uint64, trial int) string {
	hash := fnv.New64a()
	hash.Write([]byte(d.key))
	random := rand.New(rand.NewPCG(seed^hash.Sum64(), uint64(trial)))
	switch {
	case d.choices != nil:
		return strings.TrimSpace(d.choices[random.IntN(len(d.choices))])
	case d.whole:
		return strconv.Itoa(int(d.low) + random.IntN(int(d.high-d.low)+1))
	}
	u, v := random.Float64(), 0.0
	if d.low > 0 && d.high >= 10*d.low {
		v = d.low * math.Pow(d.high/d.low, u)
	} else {
		v = d.low + (d.high-d.low)*u
	}
	// As few digits as tell a thousand values of the range apart, and stay in it.
	for digits := 3; digits < 17; digits++ {
		text := strconv.FormatFloat(v, 'g', digits, 64)
		rounded, err := strconv.ParseFloat(text, 64)
		near := math.Abs(rounded-v) <= (d.high-d.low)/1000
		if err == nil && near && rounded >= d.low && rounded <= d.high {
			return text
		}
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// with returns a config with the values of a trial.
func (c config) with(space []dimension, values []string) (config, error) {
	c.sets = slices.Clone(c.sets)
	var lines []string
	for i, d := range space {
		if strings.Contains(d.key, ".") {
			c.sets = append(c.sets, d.key+"="+values[i])
		} else {
			lines = append(lines, d.key+": "+values[i])
		}
	}
	if slices.Contains(c.sets, randOps+"=0") { // a trial without operations has no magnitude of them
		c.sets = slices.DeleteFunc(c.sets, func(one string) bool {
			return strings.HasPrefix(one,
				randMagnitude+"=")
		})
		c.sets = append(c.sets, randMagnitude+"=0")
	}
	if len(lines) == 0 {
		return c, nil
	}
	return c, c.parse("--over", []byte(strings.Join(lines, "\n")+"\n"))
}

// rung is a round of successive halving: how many trials go how far.
type rung struct{ trials, epochs int }

// rungs returns those of a search: each has about a third of the trials of the one before, for three times as
// many epochs, and the last one all epochs.
func rungs(trials, epochs, count int) []rung {
	const factor = 3
	all := make([]rung, count)
	for i := range all {
		share := math.Pow(factor, float64(count-1-i))
		all[i] = rung{max(1, int(math.Ceil(float64(trials)/math.Pow(factor, float64(i))))),
			max(1, int(math.Round(float64(epochs)/share)))}
	}
	return all
}
