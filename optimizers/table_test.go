package optimizers_test

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/hqvit/hqvit/optimizers"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]struct {
		config    optimizers.Config
		canonical string
	}{
		"adamw": {optimizers.DefaultAdamW(), "adamw"},
		"adamw:decay=0": {optimizers.AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8},
			"adamw:decay=0"},
		"adamw:decay=0.010,eps=1e-6": {optimizers.AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-6,
			Decay: 0.01}, "adamw:eps=1e-06"},
		"sgd": {optimizers.SGD{}, "sgd"},
		"sgd:nesterov=true,momentum=0.9 ": {optimizers.SGD{Momentum: 0.9, Nesterov: true},
			"sgd:momentum=0.9,nesterov=true"},
	} {
		config, canonical, err := optimizers.Parse(text, optimizers.Table())
		if err != nil || config != want.config || canonical != want.canonical {
			t.Errorf("%s: %+v, %q, error %v; want %+v, %q",
				text, config, canonical, err, want.config, want.canonical)
		}
	}
	for text, want := range map[string]string{
		"adam":                  `optimizers: optimizer "adam" (did you mean adamw?), want one of adamw, sgd, muon, schedule-free`,
		"adamw:lr=1":            `optimizer adamw: no option "lr", want one of beta1, beta2, eps, decay`,
		"muon:steps=0":          "Steps 0, want 1 to 20",
		"muon:momentum=1":       "Momentum 1, want [0,1)",
		"muon:except=[":         `pattern "[", want a name`,
		"schedule-free:beta1=0": "Beta1 0, want (0,1)",
		"adamw:decay=-1":        "Decay -1, want a finite number of at least 0",
		"sgd:nesterov=true":     "Nesterov wants a Momentum",
		"sgd:momentum=strong":   `momentum: "strong", want a number`,
	} {
		if _, _, err := optimizers.Parse(text, optimizers.Table()); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

func TestParseSchedule(t *testing.T) {
	warm := oneCycle(func(c *optimizers.OneCycle) { c.Warmup, c.PctStart = 200, 0.4 })
	for text, want := range map[string]struct {
		schedule  optimizers.Schedule
		canonical string
	}{
		"constant":                          {optimizers.Constant{}, "constant"},
		"cosine:floor=0.1":                  {optimizers.Cosine{Floor: 0.1}, "cosine:floor=0.1"},
		"one-cycle:pct_start=.4,warmup=200": {warm, "one-cycle:warmup=200,pct_start=0.4"},
	} {
		schedule, canonical, err := optimizers.ParseSchedule(text, optimizers.Schedules())
		if err != nil || schedule != want.schedule || canonical != want.canonical {
			t.Errorf("%s: %+v, %q, error %v; want %+v, %q",
				text, schedule, canonical, err, want.schedule, want.canonical)
		}
	}
	for text, want := range map[string]string{
		"":                          "want one of one-cycle, cosine, constant",
		"cosine:floor=2":            "Floor 2, want [0,1]",
		"constant:warmup=-1":        "Warmup -1",
		"one-cycle:pct_start=0":     "PctStart 0, want (0,1]",
		"one-cycle:div_factor=0":    "DivFactor 0",
		"one-cycle:base_momentum=0": "want both above 0, or both 0",
		"one-cycle:max_momentum=1":  "MaxMomentum 1, want [0,1)",
		"one-cycle:base_momentum=0,max_momentum=": `max_momentum: "", want a number`,
	} {
		if _, _, err := optimizers.ParseSchedule(text, optimizers.Schedules()); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

// A row of a user's own stands beside the others, and may hold what a text cannot say.
func TestCustomRows(t *testing.T) {
	metric := func(p optimizers.Param) (mat.Symmetric, error) { return nil, nil }
	table := append(optimizers.Table(), optimizers.Row{Name: "natural", Help: "along the metric",
		New: func() optimizers.Config {
			return optimizers.NaturalGradient{Damping: 1e-3, Metric: metric}
		}})
	config, canonical, err := optimizers.Parse("natural:damping=0.1", table)
	if err != nil || config.(optimizers.NaturalGradient).Damping != 0.1 ||
		canonical != "natural:damping=0.1" {
		t.Errorf("%+v, %q, %v", config, canonical, err)
	}
	if _, err := config.New(0.1); err != nil {
		t.Error(err)
	}
	if len(optimizers.Table()) != len(table)-1 {
		t.Error("the table has kept a user's row")
	}
}

// What the tables promise: help for each row, a name that reads itself, and defaults that are valid.
func TestTableRows(t *testing.T) {
	for _, row := range optimizers.Table() {
		config, canonical, err := optimizers.Parse(row.Name, optimizers.Table())
		if err != nil || canonical != row.Name || row.Help == "" {
			t.Errorf("%s: %q, help %q, %v", row.Name, canonical, row.Help, err)
			continue
		}
		if _, err := config.New(1e-3); err != nil {
			t.Error(err)
		}
		if _, again, err := optimizers.Parse(row.Name+":"+row.Options(), optimizers.Table()); err != nil ||
			again != row.Name {
			t.Errorf("%s: its options %q are read as %q, %v", row.Name, row.Options(), again, err)
		}
	}
	for _, row := range optimizers.Schedules() {
		schedule, _, err := optimizers.ParseSchedule(row.Name, optimizers.Schedules())
		if err != nil || row.Help == "" {
			t.Errorf("%s: help %q, %v", row.Name, row.Help, err)
			continue
		}
		if err := optimizers.CheckSchedule(schedule, 1); err != nil {
			t.Error(err)
		}
		if _, again, err := optimizers.ParseSchedule(row.Name+":"+row.Options(),
			optimizers.Schedules()); err != nil || again != row.Name {
			t.Errorf("%s: its options %q are read as %q, %v", row.Name, row.Options(), again, err)
		}
	}
}

// An error of a schedule's text says where it is from once, and nothing of a run that is not known yet.
func TestParseScheduleErrors(t *testing.T) {
	_, _, err := optimizers.ParseSchedule("one-cycle:warmup=-1", optimizers.Schedules())
	const want = "optimizers: schedule one-cycle:warmup=-1: OneCycle: Warmup -1, want at least 0"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestCheckSchedule(t *testing.T) {
	for want, s := range map[string]optimizers.Schedule{
		"the schedule is nil":                             nil,
		"Constant: Warmup 5, want fewer than the 5 steps": optimizers.Constant{Warmup: 5},
		"OneCycle: PctStart 0":                            optimizers.OneCycle{},
		"OneCycle: DivFactor 25 and FinalDivFactor": oneCycle(func(c *optimizers.OneCycle) {
			c.FinalDivFactor = math.Inf(1)
		}),
		"Cosine: Floor NaN": optimizers.Cosine{Floor: math.NaN()},
	} {
		if err := optimizers.CheckSchedule(s, 5); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %q", s, err, want)
		}
	}
}
