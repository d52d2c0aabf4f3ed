package train_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/train"
)

// troubled is the mean of squares, to which something is added in the second epoch.
type troubled struct {
	losses.MSE
	trouble func() (value float64, err error) // of a negative value the gradient is NaN
}

func (l troubled) Sum(prediction, target *G.Node) (*G.Node, error) {
	sum, err := l.MSE.Sum(prediction, target)
	if err != nil {
		return nil, err
	}
	runs, slope := 0, 1.0
	return op.Apply(op.Kernel[float64]{
		Name: "Troubled",
		Forward: func(out []float64, in [][]float64) error {
			out[0] = in[0][0]
			if runs++; runs < 14 { // a micro-batch each, of ten in the first epoch
				return nil
			}
			v, err := l.trouble()
			out[0] += v
			if v < 0 {
				slope = math.NaN()
			}
			return err
		},
		Backward: func(din, _ [][]float64, _, dout []float64) error {
			din[0][0] = slope * dout[0]
			return nil
		},
	}, sum)
}

// What is said of the learning rate is said where a number has become NaN or infinite, and not of mistakes
// that have nothing to do with it, however late they come.
func TestHintOfTheLearningRate(t *testing.T) {
	const hint = "a lower learning rate or a limit of the gradient's norm (clip) may help"
	custom := func(trouble func() (float64, error)) func(l *train.Loop) {
		return func(l *train.Loop) {
			l.Tables.Losses = append(losses.Table(), losses.Row{Name: "troubled",
				New: func() losses.Loss { return troubled{trouble: trouble} }})
			l.Recipe.Loss = "troubled"
		}
	}
	for _, c := range []struct {
		want   string
		hinted bool
		change func(l *train.Loop)
	}{
		{"the loss is NaN, want a finite one", true, custom(func() (float64, error) { return math.NaN(), nil })},
		{"the loss is +Inf, want a finite one", true, custom(func() (float64, error) { return math.Inf(1), nil })},
		{"Troubled: panic: index out of hand", false,
			custom(func() (float64, error) { panic("index out of hand") })},
		{"has norm NaN: it is not finite", true, custom(func() (float64, error) { return -1, nil })},
		{"no such gate", false, custom(func() (float64, error) { return 0, errors.New("no such gate") })},
		{"loss diverged: ", true, func(l *train.Loop) {
			l.Recipe.LR, l.Recipe.Optimizer, l.Recipe.Schedule, l.Recipe.Clip = 1e5, "sgd", "constant", 0
			l.Model, l.Val = nn.Linear{Out: 2}, nil
		}},
		{"the loss is +Inf for the prediction", true, func(l *train.Loop) {
			l.Recipe.LR, l.Recipe.Optimizer, l.Recipe.Schedule, l.Recipe.Clip = 1e30, "sgd", "constant", 0
			l.Model, l.Val, l.Recipe.MaxLossRatio = nn.Linear{Out: 2}, nil, 0
		}},
		{"panics: late", false, func(l *train.Loop) {
			steps := 0
			l.Tables.Schedules = []optimizers.ScheduleRow{{Name: "cosine", New: func() optimizers.Schedule {
				return scheduleFunc(func(step, total int) optimizers.Rates {
					if steps++; steps > 3 {
						panic("late")
					}
					return optimizers.Rates{Factor: 1}
				})
			}}}
			l.Recipe.Schedule = "cosine"
		}},
	} {
		l := loops(t)["values"]
		l.Threads = 1
		c.change(&l)
		quietly(t, c.want, func() error {
			_, err := l.Run(context.Background())
			if err == nil || !strings.Contains(err.Error(), "there is no checkpoint yet") ||
				strings.HasPrefix(err.Error(), "train: epoch 1, step 1 of") {
				t.Errorf("%v: want an error of a later step", err)
			}
			if err != nil && strings.Contains(err.Error(), hint) != c.hinted {
				t.Errorf("%v: the hint is there: %v, want %v", err, !c.hinted, c.hinted)
			}
			return err
		})
	}
}

type scheduleFunc func(step, total int) optimizers.Rates

func (f scheduleFunc) At(step, total int) optimizers.Rates { return f(step, total) }
