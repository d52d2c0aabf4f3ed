package cli

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/qops/device"
	"github.com/hqvit/hqvit/train/report/study"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// sweepsFlags say at which values the runs of a comparison are evaluated.
type sweepsFlags struct {
	texts, mitigations []string
	noise, device      string
	shots, limit       int
}

func (f *sweepsFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.texts, "sweep", nil, "evaluate the finished runs with each of some "+
		"`VALUES`, too: "+
		"shots=100,1000 or CHANNEL=0.001,0.01; can be repeated")
	cmd.Flags().StringArrayVar(&f.mitigations, "mitigate", nil,
		"sweep with this mitigation, `METHOD`+METHOD, beside "+
			"without, such as zne=1,3+readout; can be repeated")
	cmd.Flags().StringVar(&f.device, "device", "", "sweep on a `DEVICE`: "+strings.Join(device.Names(), ", ")+
		", or a file")
	cmd.Flags().StringVar(&f.noise, "noise", "", "sweep with noise: `CHANNEL`=NUMBER,…, such as readout=0.02")
	cmd.Flags().IntVar(&f.shots, "shots", 0, "sweep noise with `N` shots of each head's circuit for each "+
		"image; 0 for "+
		"exact values")
	cmd.Flags().IntVar(&f.limit, "sweep-limit", 1000, "sweep over the first `N` test images; 0 for all")
	inGroup(cmd, sweepGroup, "sweep", "mitigate", "device", "noise", "shots", "sweep-limit")
}

// unswept says why a model is left out; empty: it is not.
func (f sweepsFlags) unswept(c vit.Config) string {
	noisy := f.noise+f.device != "" || slices.ContainsFunc(f.texts, func(t string) bool {
		return !strings.HasPrefix(t, "shots=")
	})
	score, err := c.FindScore()
	switch {
	case err != nil || c.Model != vit.Transformer || !score.Circuits:
		return "it has no circuits"
	case noisy && !score.Noise:
		return "its circuits can have no noise"
	}
	return ""
}

// check returns an error for flags that cannot be.
func (f sweepsFlags) check() error {
	if len(f.texts) == 0 {
		if len(f.mitigations) > 0 || f.noise+f.device != "" || f.shots != 0 {
			return usageError{errors.New("--mitigate, --device, --noise and --shots are those of a sweep: " +
				"want --sweep " +
				"with them")}
		}
		return nil
	}
	if f.shots < 0 || f.limit < 0 {
		return usageError{errors.Errorf("--shots is %d and --sweep-limit %d, want 0 or more", f.shots, f.limit)}
	}
	if err := checkNoise(f.noise, f.device); err != nil {
		return err
	}
	for _, m := range f.mitigations {
		if p, err := vit.ParseMitigation(m); err != nil || p.None() {
			if err == nil {
				err = errors.New("want a method, such as zne=1,3")
			}
			return usageError{errors.WithMessage(err, "--mitigate")}
		}
	}
	return nil
}

// plan returns the sweep of a comparison; nil without one.
func (f sweepsFlags) plan(p program, c compareFlags) (*study.Sweep, error) {
	if err := f.check(); err != nil || len(f.texts) == 0 {
		return nil, err
	}
	m := sweeper{program: p, flags: f, compare: c, sweeps: map[string]sweep{}}
	var points []study.SweptPoint
	for _, text := range f.texts {
		s, err := parseSweep(text)
		if err != nil {
			return nil, err
		}
		shots := s.name == "shots"
		switch _, twice := m.sweeps[s.name]; {
		case twice:
			return nil, usageError{errors.Errorf("--sweep %s is given twice", s.name)}
		case shots && f.shots != 0:
			return nil, usageError{errors.New("--sweep shots and --shots exclude each other")}
		case !shots && f.device != "":
			return nil, usageError{errors.Errorf("--sweep %s and --device exclude each other: a device "+
				"has noise of "+
				"its own", s.name)}
		case shots && f.noise+f.device == "" && len(f.mitigations) > 0:
			return nil, usageError{errors.New("--sweep shots and --mitigate: there is no noise to " +
				"mitigate, want " +
				"--noise or --device with them")}
		}
		m.sweeps[s.name] = s
		if !slices.Contains(s.values, "0") && !strings.Contains(strings.Join(s.values, ","), ":") {
			s.values = append([]string{"0"}, s.values...)
		}
		for _, v := range s.values {
			for _, mitigation := range append([]string{""}, f.mitigations...) {
				points = append(points, study.SweptPoint{Setting: s.name, Value: v, Beside: f.beside(),
					Mitigation: mitigation, Images: f.limit})
			}
		}
	}
	return &study.Sweep{Points: points, Measure: m.measure}, nil
}

// beside says what the runs have beside what is swept.
func (f sweepsFlags) beside() string {
	var parts []string
	if f.noise != "" {
		parts = append(parts, "noise="+f.noise)
	}
	if f.device != "" {
		parts = append(parts, "device="+f.device)
	}
	if f.shots != 0 {
		parts = append(parts, "shots="+strconv.Itoa(f.shots))
	}
	return strings.Join(parts, " ")
}

// sweeper evaluates finished runs. It keeps the images of the last run, and what it makes of them exactly.
type sweeper struct {
	program program
	flags   sweepsFlags
	compare compareFlags
	sweeps  map[string]sweep
	dir     string
	seed    uint64
	images  *data.Images
	exact   measuredDevice
}

// open reads the images of a run, and evaluates it exactly.
func (s *sweeper) open(ctx context.Context, dir string) error {
	if s.dir == dir {
		return nil
	}
	c := newConfig(s.program.names)
	if err := c.loadRun(dir, ""); err != nil {
		return err
	}
	s.seed = c.Seed
	m, err := s.program.openModel(dir, s.options(nil))
	if err != nil {
		return err
	}
	defer m.Close()
	f := evalFlags{dataDir: s.compare.dataDir, split: "test", threads: s.compare.threads, limit: s.flags.limit}
	set, err := m.load(ctx, &c, f, false, io.Discard)
	if err != nil {
		return err
	}
	if s.images, _, err = m.images(set, f.split); err != nil {
		return err
	}
	s.exact, err = measureDevice(ctx, s.program, dir, s.images, s.options(exactly))
	if err == nil {
		s.dir = dir
	}
	return err
}

func (s *sweeper) options(change func(c *vit.Config)) trained.Options {
	return trained.Options{Threads: s.compare.threads, Seed: s.seed, Change: change}
}

// measure evaluates the run in a directory at a point.
func (s *sweeper) measure(ctx context.Context, dir string, p study.SweptPoint) (study.SweptPoint, error) {
	if err := s.open(ctx, dir); err != nil {
		return p, err
	}
	got, err := measureDevice(ctx, s.program, dir, s.images, s.options(func(c *vit.Config) {
		*c = c.Exact()
		c.Shots, c.Noise, c.Device, c.Mitigation = s.flags.shots, s.flags.noise, s.flags.device, p.Mitigation
		s.sweeps[p.Setting].change(c, p.Value)
	}))
	if err != nil {
		return p, err
	}
	row := got.compare(s.exact)
	p.Accuracy, p.Loss, p.AUC, p.Agree = row.Accuracy, row.Loss, row.AUC, row.Agree
	p.Coefficient, p.Relative = row.Coefficient, row.Relative
	p.Exact = s.exact.evaluation.Metrics.Accuracy
	return p, nil
}
