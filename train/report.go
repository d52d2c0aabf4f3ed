package train

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/hqvit/hqvit/internal/atomicfile"
)

// Score is a mean loss and an accuracy in [0,1].
type Score struct{ Loss, Accuracy float64 }

// Epoch is what one epoch came to.
type Epoch struct {
	Epoch        int      // from 1
	Train        Score    // of the images as they were trained on, while the weights moved
	Val          *Score   // after the epoch; nil without a validation split
	ValAUC       *float64 // nil where there is none
	LearningRate float64
	GradientNorm float64    // mean over the steps, before clipping
	Seconds      float64    // of training, without validation
	TapValues    []TapValue // on the validation split
}

// MetricsKey is where the metadata of weights hold a Validated of their epoch, in JSON.
const MetricsKey = "metrics"

// Validated is how the weights of an epoch validated; without a validation split, what is of it is null.
type Validated struct {
	Epoch    int      `json:"epoch"`
	Loss     *float64 `json:"val_loss"`
	Accuracy *float64 `json:"val_accuracy"`
	AUC      *float64 `json:"val_auc"`
}

// meta returns the metadata of the epoch's weights: those of the Task, and how they validated.
func (e Epoch) meta(ofTask map[string]string) map[string]string {
	v := Validated{Epoch: e.Epoch, AUC: e.ValAUC}
	if e.Val != nil {
		v.Loss, v.Accuracy = number(e.Val.Loss), number(e.Val.Accuracy)
	}
	meta := maps.Clone(ofTask)
	if text, err := json.Marshal(v); err == nil { // of finite numbers, which cannot fail
		if meta == nil {
			meta = map[string]string{}
		}
		meta[MetricsKey] = string(text)
	}
	return meta
}

// Report is what a run came to.
type Report struct {
	Summary
	History []Epoch
	Best    Epoch       // whose weights validated best; without a validation split, the last
	Test    *Evaluation // with those weights; nil without a test split
	Weights *Weights    // those weights, with Task.Meta and a Validated
}

// Summary is a run in some numbers, as in summary.json. What there is none of, such as the AUC of a split without two classes, is null.
type Summary struct {
	Model                string   `json:"model"`
	Data                 string   `json:"data"`
	Seed                 uint64   `json:"seed"`
	Parameters           int      `json:"parameters"`         // trained values
	QuantumParameters    int      `json:"quantum_parameters"` // those of the group "quantum"
	Qubits               int      `json:"qubits"`             // of the widest circuit that a layer notes; 0 if none does
	Gates                int      `json:"gates"`              // of the largest circuit that a layer notes; 0 if none does
	TrainImages          int      `json:"train_images"`
	ValImages            int      `json:"val_images"`
	TestImages           int      `json:"test_images"`
	ValAccuracy          *float64 `json:"val_accuracy"` // of the best epoch
	TestAccuracy         *float64 `json:"test_accuracy"`
	TestBalancedAccuracy *float64 `json:"test_balanced_accuracy"`
	TestAUC              *float64 `json:"test_auc"`
	Epochs               int      `json:"epochs"`
	Seconds              float64  `json:"seconds"`            // of training, validation and test
	TrainImagesPerSecond float64  `json:"train_images_per_s"` // of training alone
	PeakRSS              int64    `json:"peak_rss_bytes"`
}

// number is nil for what no JSON number is.
func number(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func (s Summary) save(path string) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(s)
	})
}

// saveMetrics writes a row for each epoch.
func saveMetrics(path string, history []Epoch) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		table := csv.NewWriter(w)
		for i, e := range history {
			var names, row []string
			for _, c := range e.cells() {
				names, row = append(names, c.name), append(row, c.text())
			}
			if i == 0 {
				table.Write(names)
			}
			table.Write(row)
		}
		table.Flush()
		return table.Error()
	})
}

// cells returns an epoch as a row of metrics.csv.
func (e Epoch) cells() []cell {
	general := func(name string, v float64) cell { return cell{name, v, 'g', 8} }
	val, auc := Score{math.NaN(), math.NaN()}, math.NaN()
	if e.Val != nil {
		val = *e.Val
	}
	if e.ValAUC != nil {
		auc = *e.ValAUC
	}
	row := []cell{
		{"epoch", float64(e.Epoch), 'f', 0}, general("train_loss", e.Train.Loss), general("train_accuracy", e.Train.Accuracy),
		general("val_loss", val.Loss), general("val_accuracy", val.Accuracy), general("learning_rate", e.LearningRate),
		general("gradient_norm", e.GradientNorm), {"seconds", e.Seconds, 'f', 3}, general("val_auc", auc),
	}
	for _, r := range e.TapValues {
		row = append(row, general(r.Name, r.Value))
	}
	return row
}

// peakRSS returns the largest memory the process has had in RAM, in bytes; where the system does not tell, what Go took from it.
func peakRSS() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		_, after, _ := strings.Cut(string(status), "VmHWM:")
		line, _, _ := strings.Cut(after, "\n")
		if kB, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), "kB")), 10, 64); err == nil {
			return kB << 10
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
