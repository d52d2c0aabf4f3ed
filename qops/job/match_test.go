package job_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/job"
)

// TestDamagedPrograms: a manifest whose programs are not those of a whole job is refused, whatever its
// digests say.
func TestDamagedPrograms(t *testing.T) {
	for kind, make := range makers {
		made, err := make(head(3, 2, false), job.Options{Gradient: true})
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "job")
		if err := made.Write(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, job.ManifestFile)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		each := len(made.Programs)
		if kind == "pairs" {
			each /= 9
		}
		for name, c := range map[string]struct {
			damage func(j *job.Job)
			want   string
		}{
			"sum":       {func(j *job.Job) { j.Shares[1] += 0.1 }, "the shares have the sum"},
			"negative":  {func(j *job.Job) { j.Shares[0] = -j.Shares[0] }, "share 0 is -"},
			"missing":   {func(j *job.Job) { j.Programs = slices.Delete(j.Programs, 0, each) }, "programs"},
			"a shift":   {func(j *job.Job) { j.Programs = slices.Delete(j.Programs, 1, 2) }, "programs"},
			"opposite":  {func(j *job.Job) { j.Programs[2].Shift.Factor *= 2 }, "not the opposite"},
			"no factor": {func(j *job.Job) { j.Programs[1].Shift.Factor = 0 }, "want both other than 0"},
			"no shift":  {func(j *job.Job) { j.Programs[1].Shift = nil }, "and a shift if its name says so"},
			"order":     {func(j *job.Job) { p := j.Programs; p[1], p[2] = p[2], p[1] }, "program 1 is"},
			"shots": {func(j *job.Job) { j.Programs[0].Shots = 1 << 40 },
				"shots is 1099511627776 of 10000 in all"},
			"transposed": {func(j *job.Job) {
				if kind == "pairs" {
					a, b := &j.Programs[each], &j.Programs[3*each]
					a.Pair, b.Pair = b.Pair, a.Pair
				} else {
					j.Programs[0].Name = "other"
				}
			}, "want "},
			"other shifts": {func(j *job.Job) {
				if kind == "pairs" {
					j.Programs[each+1].Shift.Angle++
				} else {
					j.Programs[1].Shift.Angle++
				}
			}, "its shift is not th"},
		} {
			j := &job.Job{}
			if err := json.Unmarshal(text, j); err != nil {
				t.Fatal(err)
			}
			c.damage(j)
			damaged, err := json.Marshal(j)
			if err == nil {
				err = os.WriteFile(path, damaged, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := job.Open(dir); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: error %v, want %q", kind, name, err, c.want)
			}
		}
	}
}

// TestMatches: a job is that of its head, also after rounding, and of no other.
func TestMatches(t *testing.T) {
	for kind, make := range makers {
		for name, o := range map[string]job.Options{"plain": {QASM: 2}, "gradient": {Gradient: true},
			"device": {Device: named(t, "superconducting-19"), Seed: 3}} {
			h := head(2, 3, true)
			made, err := make(h, o)
			if err != nil {
				t.Fatal(err)
			}
			j := written(t, made)
			if err := j.Matches(h); err != nil {
				t.Errorf("%s, %s: %v", kind, name, err)
			}
			near := h
			near.Image, near.ThetaKey = slices.Clone(h.Image), slices.Clone(h.ThetaKey)
			for i := range near.Image {
				near.Image[i] *= 1 + 1e-7*math.Sin(float64(i))
			}
			near.ThetaKey[0] += 1e-9
			if err := j.Matches(near); err != nil {
				t.Errorf("%s, %s, rounded: %v", kind, name, err)
			}
			other := h
			other.ThetaKey = slices.Clone(h.ThetaKey)
			other.ThetaKey[0] += 0.01
			if err := j.Matches(other); err == nil || !strings.Contains(err.Error(), "it has other gates") {
				t.Errorf("%s, %s, another angle: %v", kind, name, err)
			}
			other = h
			other.Image = slices.Clone(h.Image)
			other.Image[0] += 0.1
			if err := j.Matches(other); err == nil || !strings.Contains(err.Error(), "the share of patch 0") {
				t.Errorf("%s, %s, another image: %v", kind, name, err)
			}
			if j.HasGradient() {
				for i := range j.Programs {
					if s := j.Programs[i].Shift; s != nil {
						s.Factor *= 3
					}
				}
				if err := j.Matches(h); err == nil || !strings.Contains(err.Error(), "the shift is") {
					t.Errorf("%s, other factors: %v", kind, err)
				}
			}
		}
	}
}

// TestLimits: a byte order mark is skipped, and an array that unpacks to more than 64 MiB is refused.
func TestLimits(t *testing.T) {
	j := twoPrograms(t)
	got, err := j.Counts(job.Little, job.Result{JSON: []byte("\ufeff" + `[{"011": 5}, {"01": 1}]`)})
	if err != nil || got[0]["110"] != 5 {
		t.Errorf("%v, %v", got, err)
	}
	bomb := sampler(array("(67108864, 1)", strings.Repeat("\x00", 64<<20), 3))
	_, err = j.Counts(job.Little, job.Result{JSON: []byte(bomb)})
	if err == nil || !strings.Contains(err.Error(), "more than 64 MiB when it is decompressed") {
		t.Errorf("error %v", err)
	}
}
