package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/report/study"
	"github.com/hqvit/hqvit/vit"
)

// ladder is every model that a comparison of attention asks for: hqvit with each score, and the baselines.
func ladder() string {
	models := []string{"hqvit", "vit", "vit-matched"}
	for _, score := range vit.ScoreNames() {
		if c, err := vit.Named("hqvit:" + score); err == nil && !slices.Contains(models, c.Name()) {
			models = append(models, c.Name())
		}
	}
	return strings.Join(append(models, "cnn", "logreg"), ",")
}

func compareCommand() *cobra.Command {
	c := newConfig()
	var f trainFlags
	var models, pooling string
	var from []string
	var seeds int
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Train several models from several seeds and report how they differ",
		Long: `Train each model from each seed on the same splits with the same recipe, and report how they differ and how sure that is.

The directory gets results.json, report.html, report.md, and in runs/MODEL/sSEED each run as train writes it. The first
model is the one that the others are compared with. Stopped and called again, it goes on: what has ended is not run again,
what has not goes on from its last checkpoint, to the same figures. All models, for --models: ` + ladder(),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runCompare(cmd, &c, f, models, pooling, from, seeds)
		},
	}
	c.register(cmd.Flags())
	cmd.Flags().StringVar(&models, "models", "hqvit,vit,vit-matched", "models with commas between, the reference first: each [NAME=]MODEL[:CHANGE...], where MODEL is a name as for train or a recipe `file.yaml`, and CHANGE a score, a pooling or matched")
	cmd.Flags().StringVar(&pooling, "pooling", "", "pooling of all models that have one, unless changed: "+strings.Join(vit.Poolings(), ", ")+" (else the model's own)")
	cmd.Flags().StringArrayVar(&from, "from", nil, "take over the runs that are wanted from under this `directory`, of another comparison or of train; can be given more than once")
	cmd.Flags().StringVar(&c.Size, "size", "", "size of all models that have one: s or m")
	cmd.Flags().IntVar(&seeds, "seeds", 5, "number of seeds: --seed and those after it")
	cmd.Flags().StringVar(&f.out, "out", "", "`directory` of the comparison (else runs/compare-DATA)")
	cmd.Flags().StringVar(&f.file, "config", "", "read the recipe, what the flags do not say, from a `file` like config.yaml")
	registerWhere(cmd, &f.dataDir, &f.threads)
	return cmd
}

func runCompare(cmd *cobra.Command, c *config, f trainFlags, models, pooling string, from []string, seeds int) error {
	if seeds < 1 {
		return usageError{errors.Errorf("seeds is %d, want at least 1", seeds)}
	}
	if f.threads < 1 {
		return usageError{errors.Errorf("threads is %d, want at least 1", f.threads)}
	}
	if f.file != "" {
		if err := c.load(f.file, cmd); err != nil {
			return err
		}
	}
	c.Architecture, c.Match = nil, nil
	plan := study.Study{Dir: f.out, Progress: cmd.ErrOrStderr()}
	if plan.Dir == "" {
		plan.Dir = filepath.Join("runs", "compare-"+c.dataTitle())
	}
	for i := range seeds {
		plan.Seeds = append(plan.Seeds, c.Seed+uint64(i))
	}
	plan.From = from
	used := recipes{}
	l := &loaded{ctx: cmd.Context(), dir: f.dataDir, progress: cmd.ErrOrStderr()}
	for name := range strings.SplitSeq(models, ",") {
		name, one, err := c.entry(name, pooling, cmd)
		if err != nil {
			return err
		}
		pooled := one.Architecture.Pooling == vit.PoolFirstToken
		plan.Entries = append(plan.Entries, study.Entry{Name: name, FirstToken: pooled, Task: func(seed uint64) (train.Task, error) {
			run := one
			run.Seed = seed
			set, run, err := l.load(run)
			if err != nil {
				return train.Task{}, err
			}
			task, err := newTask(run, f, set)
			if err != nil {
				return task, err
			}
			return task, used.add(name, run)
		}})
	}
	facts, err := factsOf(cmd, c)
	if err != nil {
		return err
	}
	plan.Metadata = facts
	results, err := plan.Run(cmd.Context())
	if errors.Is(err, context.Canceled) || results == nil {
		return err
	}
	if len(results.Models) > 0 {
		if l.set != nil {
			results.Metadata.Title, results.Metadata.Classes = l.set.Title, l.set.Classes
		}
		used.tell(results)
		if saved := results.Save(plan.Dir); saved != nil {
			return saved
		}
		fmt.Fprint(cmd.OutOrStdout(), results.Markdown())
		fmt.Fprintln(cmd.OutOrStdout(), filepath.Join(plan.Dir, study.PageFile))
	}
	return err
}

// recipes are those of a comparison's models, by name, as their runs had them.
type recipes map[string]study.Recipe

// add notes the recipe of a run, unless another seed of the model has: it is the same.
func (r recipes) add(name string, c config) error {
	if _, noted := r[name]; noted {
		return nil
	}
	plain := c
	plain.Seed = 0
	text, err := yaml.Marshal(plain)
	if err != nil {
		return errors.Wrap(err, "recipe")
	}
	inference, _, err := vit.Flops(*c.Architecture, c.Micro)
	if err != nil {
		return err
	}
	recipe := study.Recipe{YAML: string(text), Flops: inference}
	if c.Match != nil {
		reference := *c.Match
		reference.Image, reference.Channels, reference.Classes = c.Architecture.Image, c.Architecture.Channels, c.Architecture.Classes
		want, _, err := vit.Parameters(reference)
		if err != nil {
			return err
		}
		recipe.Matches = want
	}
	r[name] = recipe
	return nil
}

func (r recipes) tell(results *study.Results) {
	for i := range results.Models {
		results.Models[i].Recipe = r[results.Models[i].Name]
	}
}

// sized says whether a model comes in sizes.
func sized(model string) bool {
	base, _, _ := strings.Cut(model, ":")
	return base == "hqvit" || base == "vit" || base == "vit-matched"
}

// factsOf is what the report says of the comparison beside its figures.
func factsOf(cmd *cobra.Command, c *config) (study.Metadata, error) {
	facts := study.Metadata{
		Data: c.dataTitle(), Title: c.dataTitle(), Command: said(cmd),
		Machine: fmt.Sprintf("%s/%s, %d cores, %s kernels", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), dense.CPU()),
		Date:    time.Now().Format(time.DateOnly), Version: "hqvit " + version(),
	}
	if !strings.Contains(c.Data, ":") {
		d, err := data.Describe(c.Data)
		if err != nil {
			return facts, usageError{err}
		}
		facts.Title, facts.Remark = d.Title, d.Remark
	}
	return facts, nil
}

// said is the command with its flags, but those that say where things lie on this machine and how many of its cores are used.
func said(cmd *cobra.Command) string {
	line := "hqvit " + cmd.Name()
	cmd.Flags().Visit(func(f *pflag.Flag) {
		switch value := f.Value.String(); {
		case f.Name == "data-dir" || f.Name == "out" || f.Name == "from" || f.Name == "threads" || f.Name == "verbose":
		case strings.ContainsAny(value, " \"'$"):
			line += fmt.Sprintf(" --%s %q", f.Name, value)
		case f.Value.Type() == "bool":
			line += fmt.Sprintf(" --%s=%s", f.Name, value)
		default:
			line += fmt.Sprintf(" --%s %s", f.Name, value)
		}
	})
	return line
}

// loaded keeps the last set that was read: the models of one seed follow each other.
type loaded struct {
	ctx      context.Context
	dir      string
	progress io.Writer
	seed     uint64
	size     int
	set      *data.Set
}

// load returns the set of a resolved config, and the config fitted to it.
func (l *loaded) load(c config) (*data.Set, config, error) {
	if l.set != nil && l.seed == c.Seed && l.size == c.Architecture.Image {
		c, err := c.fit(l.set)
		return l.set, c, err
	}
	set, c, err := load(l.ctx, c, l.dir, l.progress)
	if err == nil {
		l.seed, l.size, l.set = c.Seed, c.Architecture.Image, set
	}
	return set, c, err
}
