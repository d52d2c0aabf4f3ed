package study

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
)

// SweepFile is what a finished run that was swept has beside its record.
const SweepFile = "sweep.json"

// Sweep is a setting of how models run with the values that each finished run is evaluated at, such as
// numbers of shots. A run is trained once, whatever the values. Values that a run has been evaluated at
// before are kept.
type Sweep struct {
	Points []SweptPoint // what is wanted: the fields up to Images
	// Measure evaluates the weights in the directory of a run at a point, and fills in the other fields.
	Measure func(ctx context.Context, dir string, p SweptPoint) (SweptPoint, error)
}

// SweptPoint is an evaluation of a run with one value of a setting. Differences are those from the same
// weights run exactly, on the same images.
type SweptPoint struct {
	Setting    string `json:"setting"`              // such as shots
	Value      string `json:"value"`                // a number; 0 shots are exact values
	Beside     string `json:"beside,omitempty"`     // what else there is, such as a device
	Mitigation string `json:"mitigation,omitempty"` // what is done against the errors
	Images     int    `json:"images"`               // the first of the test split

	Accuracy    float64       `json:"accuracy"`
	Exact       float64       `json:"exact"` // the accuracy of exact values
	Loss        float64       `json:"loss"`
	AUC         metric.Number `json:"auc"`
	Agree       float64       `json:"same_prediction"`   // share of images
	Coefficient float64       `json:"coefficient_error"` // root mean square, of the attention coefficients
	// to the deviation of the exact ones from even attention
	Relative float64 `json:"coefficient_relative"`
}

// Is tells whether two points are of one setting and value, run in the same way on the same images.
func (p SweptPoint) Is(q SweptPoint) bool {
	return p.Setting == q.Setting && p.Value == q.Value && p.Beside == q.Beside &&
		p.Mitigation == q.Mitigation && p.Images == q.Images
}

// String names the point.
func (p SweptPoint) String() string {
	return joined(", ", p.Setting+"="+p.Value, p.Beside, p.Mitigation, fmt.Sprintf("%d images", p.Images))
}

// swept is a SweepFile.
type swept struct {
	Weights string       `json:"weights"` // SHA-256 of the file of weights
	Points  []SweptPoint `json:"points"`
}

// sweep evaluates a finished run at the wanted points that it does not have, and returns all that it has.
func (s Study) sweep(ctx context.Context, entry Entry, dir, name string) ([]SweptPoint, error) {
	path := filepath.Join(dir, SweepFile)
	var file swept
	err := rundir.ReadJSON(path, "remove it: the run beside it is evaluated again", &file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if s.Sweep == nil || entry.Unswept != "" {
		return file.Points, nil
	}
	key, err := weightsDigest(dir)
	if err != nil {
		return nil, errors.Wrap(err, "sweep")
	}
	if key != file.Weights { // those of a run that was trained again
		file = swept{Weights: key}
	}
	for _, p := range s.Sweep.Points {
		if slices.ContainsFunc(file.Points, p.Is) {
			continue
		}
		measured, err := s.Sweep.Measure(ctx, dir, p)
		if err != nil {
			return file.Points, errors.WithMessagef(err, "sweep of %s", p)
		}
		file.Points = append(file.Points, measured)
		if err := rundir.SaveJSON(path, file); err != nil {
			return file.Points, errors.WithMessage(err, "study")
		}
		say(s.Progress, "%s, %s: accuracy %.4f, error of coefficients %.3g", name, p, measured.Accuracy,
			measured.Relative)
	}
	return file.Points, nil
}

// weightsDigest returns the SHA-256 of a run's file of weights, which figures beside the run are kept with.
func weightsDigest(dir string) (string, error) {
	weights, err := os.ReadFile(filepath.Join(dir, rundir.WeightsFile))
	sum := sha256.Sum256(weights)
	return hex.EncodeToString(sum[:]), err
}
