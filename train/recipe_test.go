package train_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/train"
)

func TestRecipeFlagsAreItsFields(t *testing.T) {
	r := train.DefaultRecipe()
	fs := pflag.NewFlagSet("r", pflag.ContinueOnError)
	r.Flags(fs)
	n := 0
	fs.VisitAll(func(f *pflag.Flag) {
		n++
		if f.DefValue != fmt.Sprint(f.Value) || f.Usage == "" {
			t.Errorf("--%s has default %q, value %q and help %q", f.Name, f.DefValue, f.Value, f.Usage)
		}
	})
	if err := fs.Parse([]string{"--optimizer", "sgd:momentum=0.5", "--max-loss-ratio=7", "--keep-epochs",
		"2"}); err != nil {
		t.Fatal(err)
	}
	if r.Optimizer != "sgd:momentum=0.5" || r.MaxLossRatio != 7 || r.KeepEpochs != 2 ||
		n != reflect.TypeFor[train.Recipe]().NumField() {
		t.Errorf("%d flags; the recipe is %+v", n, r)
	}
}

// The keys of a recipe in YAML are the names of its rows, in their order.
func TestRecipeKeysAreItsRows(t *testing.T) {
	var full train.Recipe // with a value in each field
	for i, v := 0, reflect.ValueOf(&full).Elem(); i < v.NumField(); i++ {
		text := fmt.Sprint(i + 1)
		switch v.Field(i).Kind() {
		case reflect.String:
			text = "a" + text
		case reflect.Bool:
			text = "true"
		}
		if err := yaml.Unmarshal([]byte(text), v.Field(i).Addr().Interface()); err != nil {
			t.Fatal(err)
		}
	}
	text, err := yaml.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	var keys, flags []string
	for _, m := range regexp.MustCompile(`(?m)^(\w+):`).FindAllStringSubmatch(string(text), -1) {
		keys = append(keys, m[1])
	}
	fs := pflag.NewFlagSet("r", pflag.ContinueOnError)
	fs.SortFlags = false
	full.Flags(fs)
	fs.VisitAll(func(f *pflag.Flag) { flags = append(flags, strings.ReplaceAll(f.Name, "-", "_")) })
	if !slices.Equal(keys, flags) {
		t.Errorf("keys %v, flags %v", keys, flags)
	}
	var back train.Recipe
	if err := yaml.UnmarshalWithOptions(text, &back, yaml.Strict()); err != nil || back != full {
		t.Errorf("%+v (%v), want %+v", back, err, full)
	}
	if err := yaml.UnmarshalWithOptions([]byte("epoch: 3\n"), &back, yaml.Strict()); err == nil {
		t.Error("an unknown key is no error")
	}
}

// Two spellings of one recipe are one run, and each option that changes the result is part of its identity.
func TestIdentityOfARecipe(t *testing.T) {
	identity := func(change func(r *train.Recipe)) map[string]string {
		k := task(t)
		change(&k.Recipe)
		id, err := k.Identity()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	base := fmt.Sprint(identity(func(*train.Recipe) {}))
	for same, change := range map[string]func(r *train.Recipe){
		"optimizer": func(r *train.Recipe) { r.Optimizer = "adamw:decay=0.010,beta1=0.9" },
		"loss":      func(r *train.Recipe) { r.Loss = " cross-entropy:smoothing=0" },
		"select":    func(r *train.Recipe) { r.Select = "accuracy" },
		"kept":      func(r *train.Recipe) { r.KeepEpochs, r.MaxLossRatio = 3, 0 },
	} {
		if got := fmt.Sprint(identity(change)); got != base {
			t.Errorf("%s: %s, want %s", same, got, base)
		}
	}
	for other, change := range map[string]func(r *train.Recipe){
		"epochs": func(r *train.Recipe) { r.Epochs++ }, "batch": func(r *train.Recipe) { r.Batch++ },
		"micro": func(r *train.Recipe) { r.Micro-- }, "seed": func(r *train.Recipe) { r.Seed++ },
		"lr": func(r *train.Recipe) { r.LR *= 2 }, "optimizer": func(r *train.Recipe) { r.Optimizer = "sgd" },
		"schedule": func(r *train.Recipe) { r.Schedule = "one-cycle:warmup=2" },
		"loss":     func(r *train.Recipe) { r.Loss = "cross-entropy:smoothing=0.1" },
		"clip":     func(r *train.Recipe) { r.Clip = 9 }, "ema": func(r *train.Recipe) { r.EMA = 0.5 },
		"select":   func(r *train.Recipe) { r.Select = "auc" },
		"patience": func(r *train.Recipe) { r.Patience = 1 }, "swa": func(r *train.Recipe) { r.SWA = 2 },
		"sam": func(r *train.Recipe) { r.SAM = 0.05 },
	} {
		if got := fmt.Sprint(identity(change)); got == base {
			t.Errorf("another %s is the same run", other)
		}
	}
}
