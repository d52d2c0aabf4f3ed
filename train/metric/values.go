package metric

import (
	"math"

	"github.com/pkg/errors"
)

// Values compares predicted values with true ones, in their own units.
type Values struct {
	Loss float64 `json:"loss"` // mean, of the run's loss, of the values as the model is trained on them
	RMSE float64 `json:"rmse"` // root of the mean squared error: mean over the values
	MAE  float64 `json:"mae"`  // mean absolute error: likewise
	// 1 − squared errors/squared distances from the mean: likewise; none if none varies
	R2   Number  `json:"r2"`
	Each []Value `json:"each"`
}

// Value is how good the predictions of one value are.
type Value struct {
	RMSE float64 `json:"rmse"`
	MAE  float64 `json:"mae"`
	R2   Number  `json:"r2"`
	// Sample is true and predicted values of at most 200 examples, evenly spread over the split.
	Sample [][2]float64 `json:"sample,omitempty"`
}

// CompareValues returns the metrics of predicted values; the Loss is left 0.
//
//	predictions  (N, values)
//	targets      (N, values)
//
// It returns an error if the sizes do not fit or N is 0.
//
// Source: sklearn.metrics.r2_score, root_mean_squared_error and mean_absolute_error, with
// multioutput="uniform_average".
func CompareValues(predictions, targets []float64, values int) (*Values, error) {
	if values < 1 || len(targets) == 0 || len(targets)%values != 0 || len(predictions) != len(targets) {
		return nil, errors.Errorf("metric: %d predictions for %d targets of %d values, want one for each",
			len(predictions), len(targets), values)
	}
	const sample = 200
	m := &Values{}
	n := len(targets) / values
	step := max(1, (n+sample-1)/sample)
	var rmse, mae, r2 mean
	for k := range values {
		var v Value
		var middle, squares, absolutes, spread mean
		for i := k; i < len(targets); i += values {
			middle.add(targets[i])
		}
		for i := range n {
			at := i*values + k
			d, t := predictions[at]-targets[at], targets[at]-middle.value()
			squares.add(d * d)
			absolutes.add(math.Abs(d))
			spread.add(t * t)
			if i%step == 0 {
				v.Sample = append(v.Sample, [2]float64{targets[at], predictions[at]})
			}
		}
		v.RMSE, v.MAE, v.R2 = math.Sqrt(squares.value()), absolutes.value(), None()
		if spread.sum > 0 && n > 1 {
			v.R2 = Number(1 - squares.sum/spread.sum)
			r2.add(float64(v.R2))
		}
		rmse.add(v.RMSE)
		mae.add(v.MAE)
		m.Each = append(m.Each, v)
	}
	m.RMSE, m.MAE, m.R2 = rmse.value(), mae.value(), Number(r2.value())
	return m, nil
}
