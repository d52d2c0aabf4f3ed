package train

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
)

// Score is a mean loss and, of labelled data, an accuracy in [0,1].
type Score struct {
	Loss     float64
	Accuracy metric.Number // none without labels
}

// Epoch is the result of one epoch.
type Epoch struct {
	Epoch        int                      // from 1
	Train        Score                    // of the examples as they were trained on, while the weights moved
	Val          *Score                   // after the epoch; nil without a validation split
	ValAUC       metric.Number            // none without two classes
	ValMetrics   map[string]metric.Number // of Loop.Metrics, and the figures of labels or values
	LearningRate float64
	GradientNorm float64    // mean over the steps, before clipping
	Seconds      float64    // of training, without validation
	TapValues    []TapValue // on the validation split
}

// MetricsKey is where the metadata of weights hold the Validated of their epoch, in JSON.
const MetricsKey = "metrics"

// Validated is how the weights of an epoch validated; without a validation split, its numbers are null.
type Validated struct {
	Epoch    int           `json:"epoch"`
	Loss     metric.Number `json:"val_loss"`
	Accuracy metric.Number `json:"val_accuracy"`
	AUC      metric.Number `json:"val_auc"`
	// Metrics are the figures of labels or values, by the names of metric.Figure, and those of Loop.Metrics.
	Metrics map[string]metric.Number `json:"val_metrics,omitempty"`
}

// meta returns the metadata of the epoch's weights: those of the Loop, and how they validated.
func (e Epoch) meta(base map[string]string) map[string]string {
	v := Validated{Epoch: e.Epoch, Loss: metric.None(), Accuracy: metric.None(), AUC: e.ValAUC,
		Metrics: e.ValMetrics}
	if e.Val != nil {
		v.Loss, v.Accuracy = metric.Number(e.Val.Loss), e.Val.Accuracy
	}
	meta := maps.Clone(base)
	if text, err := json.Marshal(v); err == nil { // of numbers, which cannot fail
		if meta == nil {
			meta = map[string]string{}
		}
		meta[MetricsKey] = string(text)
	}
	return meta
}

// row returns the epoch as a row of metrics.csv.
func (e Epoch) row() rundir.Row {
	val := Score{math.NaN(), metric.None()}
	if e.Val != nil {
		val = *e.Val
	}
	cells := []rundir.Cell{
		{Name: "epoch", Value: float64(e.Epoch)},
		{Name: "train_loss", Value: e.Train.Loss},
		{Name: "train_accuracy", Value: float64(e.Train.Accuracy)},
		{Name: "val_loss", Value: val.Loss}, {Name: "val_accuracy", Value: float64(val.Accuracy)},
		{Name: "learning_rate", Value: e.LearningRate}, {Name: "gradient_norm", Value: e.GradientNorm},
		{Name: "seconds", Value: e.Seconds, Decimals: 3}, {Name: "val_auc", Value: float64(e.ValAUC)},
	}
	for _, name := range slices.Sorted(maps.Keys(e.ValMetrics)) {
		cells = append(cells, rundir.Cell{Name: "val_" + name, Value: float64(e.ValMetrics[name])})
	}
	for _, v := range e.TapValues {
		cells = append(cells, rundir.Cell{Name: v.Name, Value: v.Value})
	}
	return rundir.Row{Epoch: e.Epoch, Seconds: e.Seconds, Cells: cells}
}

// attributes are the epoch's figures for a log.
func (e Epoch) attributes() []any {
	var a []any
	for _, c := range e.row().Cells {
		if !math.IsNaN(c.Value) { // which JSON cannot say
			a = append(a, c.Name, c.Value)
		}
	}
	return a
}

// Report is the result of a run.
type Report struct {
	Summary
	History []Epoch
	Best    Epoch           // whose weights validated best; without a validation split, the last
	Test    *Evaluation     // with those weights; nil without a test split
	Weights *rundir.Weights // those weights, with Loop.Meta and a Validated
	Layers  nn.Summary      // what the model is made of; as text, a table
}

// Summary is a run in some numbers, as in summary.json. What has no value, such as the AUC of a split without
// two classes, is null there.
type Summary struct {
	Model string `json:"model,omitempty"`
	Data  string `json:"data,omitempty"`
	// their names, in the order of the predictions
	Classes              []string       `json:"classes,omitempty"`
	Seed                 uint64         `json:"seed"`
	Parameters           int            `json:"parameters"` // trained values
	Groups               map[string]int `json:"groups"`     // trained values by nn.ParamSpec.Group
	Notes                map[string]int `json:"notes"`      // the largest nn.Note of each key
	TrainExamples        int            `json:"train_examples"`
	ValExamples          int            `json:"val_examples"`
	TestExamples         int            `json:"test_examples"`
	ValLoss              metric.Number  `json:"val_loss"` // of the best epoch
	ValAccuracy          metric.Number  `json:"val_accuracy"`
	TestLoss             metric.Number  `json:"test_loss"`
	TestAccuracy         metric.Number  `json:"test_accuracy"`
	TestBalancedAccuracy metric.Number  `json:"test_balanced_accuracy"`
	TestAUC              metric.Number  `json:"test_auc"`
	// of labels or values, by the names of metric.Figure; of the best epoch and of the test split
	ValMetrics  map[string]metric.Number `json:"val_metrics,omitempty"`
	TestMetrics map[string]metric.Number `json:"test_metrics,omitempty"`
	Epochs      int                      `json:"epochs"`
	// of training, validation and test
	Seconds                float64 `json:"seconds"`
	TrainExamplesPerSecond float64 `json:"train_examples_per_s"` // of training alone
	PeakRSS                int64   `json:"peak_rss_bytes"`
	// Kernels computed it, in turn: "avx512", "avx2", "neon" or "generic". Their last bits differ.
	Kernels []string `json:"kernels,omitempty"`
	// SecondsWaited is what each of the Ranks has spent in exchanges of the steps since the run began or was
	// resumed: the fewer, the longer the others have waited for it.
	SecondsWaited []float64 `json:"seconds_waited,omitempty"`
}

// PeakMemory returns the largest memory the process has had in RAM, in bytes; where the system does not tell,
// what Go took from it.
func PeakMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		_, after, _ := strings.Cut(string(status), "VmHWM:")
		line, _, _ := strings.Cut(after, "\n")
		number := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), "kB"))
		if kB, err := strconv.ParseInt(number, 10, 64); err == nil {
			return kB << 10
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
