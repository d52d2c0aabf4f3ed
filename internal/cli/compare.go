package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/report/study"
	"github.com/hqvit/hqvit/vit"
)

// compareFlags say which models are compared, with how many seeds, and where.
type compareFlags struct {
	trainFlags
	models, pooling string
	from            []string
	seeds           int
	sweeps          sweepsFlags
	shard           string
	onlyReport      bool
	views           bool
}

func (p program) compareCommand() *cobra.Command {
	c := newConfig(p.names)
	var f compareFlags
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Train several models with several seeds and report how they differ",
		Long: `Train each model with each seed on the same splits, and report how they differ and how certain
that is. All models have the recipe of the flags; a model from a recipe file has that of its file,
unless a flag says otherwise, and the report says where the recipes differ. --set goes to each model, and to
what a matched one is matched to.

The directory gets results.json, report.html, report.md, and each run in runs/MODEL/sSEED, as
train writes it. The first model is the reference: the others are compared with it. Rerun an
interrupted comparison to continue it: finished runs are kept, and unfinished ones resume with
the same results. A directory belongs to one comparison; with more models or more seeds it is
extended.

With --shard several processes train the runs of one comparison in one --out, on one machine or on
several that share it: call each with the same flags but for --shard 1/4 to 4/4, or all with --shard auto
in a Slurm array or an indexed Kubernetes job. No run is trained twice, and those of a process that has
died are taken over. The same call without --shard then reports; with --only-report it trains nothing.

Under mpirun the ranks share the runs in the same way, each run in one rank, and the first reports.

With --sweep each finished run of a model with circuits is also evaluated at every value, and with
exact values: what is known already is kept.

Among --models, ladder stands for hqvit with each rung of attention and the baselines, and rivals for
hqvit with each published attention (docs/attentions.md); changes go to each, as in rivals:mean. The
ladder is
` + strings.Join(ladder(p.names), ",") + `
and the rivals are
` + strings.Join(rivals(p.names), ","),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runCompare(cmd, &c, f, p.ranks) },
	}
	c.register(cmd.Flags())
	cmd.Flags().StringVar(&f.models, "models", "hqvit,vit,vit-matched",
		"comma-separated `models`, the reference first: each [NAME=]MODEL[:CHANGE...], where MODEL is a "+
			"name as for train, a recipe FILE.yaml, ladder or rivals, and CHANGE a score, a pooling or matched")
	cmd.Flags().StringVar(&f.pooling, "pooling", "",
		"pooling of all models with tokens, unless a CHANGE says otherwise: "+
			strings.Join(vit.Poolings(), ", ")+" (default: the model's own)")
	cmd.Flags().StringArrayVar(&f.from, "from", nil,
		"reuse matching runs found in this `directory`, of compare or train; can be repeated")
	cmd.Flags().StringVar(&c.Size, "size", "", "size of all models that come in sizes: s or m")
	cmd.Flags().IntVar(&f.seeds, "seeds", 5, "number of seeds: --seed and those after it")
	cmd.Flags().StringVar(&f.shard, "shard", "", "train `i/n`, this part of the runs first, and report "+
		"nothing; auto: as "+
		"the scheduler says, auto/n if it does not say how many there are")
	cmd.Flags().BoolVar(&f.onlyReport, "only-report", false,
		"train nothing: report the finished runs, all of which "+
			"have to be there")
	cmd.Flags().BoolVar(&f.views, "views", false, "also evaluate each finished run with predictions "+
		"averaged over several views of a picture, in a column of its own: mirrored and moved, as the "+
		"augmentation has it")
	cmd.Flags().StringVar(&f.out, "out", "", "`directory` of the comparison (default: one in runs for each "+
		"choice of data, models and options)")
	cmd.Flags().StringVar(&f.file, "config", "",
		"read defaults from a `file` like config.yaml; flags override it")
	registerWhere(cmd, &f.dataDir, &f.threads)
	c.sets.register(cmd)
	f.sweeps.register(cmd)
	inGroup(cmd, dataGroup, "data-dir")
	inGroup(cmd, modelGroup, "models", "pooling", "size")
	inGroup(cmd, runGroup, "config", "set", "seeds", "from", "views", "shard", "only-report", "threads")
	inGroup(cmd, outputGroup, "out", "keep-epochs")
	return cmd
}

func runCompare(cmd *cobra.Command, c *config, f compareFlags, ranks *train.Ranks) error {
	if f.seeds < 1 || f.threads < 1 {
		return usageError{errors.Errorf("seeds is %d and threads is %d, want at least 1", f.seeds, f.threads)}
	}
	if f.shard != "" && ranks.Size() > 1 {
		return usageError{errors.New("mpirun shares the runs among its ranks: leave out --shard")}
	}
	if f.shard != "" && f.onlyReport {
		return usageError{errors.New("--shard trains and --only-report does not: leave one of them out")}
	}
	if f.file != "" {
		if err := c.load(f.file, cmd); err != nil {
			return err
		}
	}
	if c.Architecture != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: the architecture is not used, as --models says which models "+
			"are compared\n",
			f.file)
	}
	c.Architecture, c.Match = nil, nil
	metadata, err := describeStudy(cmd, *c)
	if err != nil {
		return err
	}
	sweep, err := f.sweeps.plan(program{names: c.names}, f)
	if err != nil {
		return err
	}
	plan := study.Study{Sweep: sweep, Dir: f.out, From: f.from, Metadata: metadata, Progress: cmd.ErrOrStderr(),
		Finished: f.onlyReport, Views: f.views}
	for i := range f.seeds {
		plan.Seeds = append(plan.Seeds, c.Seed+uint64(i))
	}
	runs := comparison{ctx: cmd.Context(), flags: f.trainFlags, sweeps: f.sweeps, progress: cmd.ErrOrStderr(),
		recipes: map[string]study.Recipe{}}
	var names []string
	var configs []config
	for _, text := range expand(c.names, f.models) {
		name, one, err := c.entry(text, f.pooling, cmd)
		if err != nil {
			return err
		}
		plan.Entries = append(plan.Entries, runs.entry(name, one))
		names, configs = append(names, name), append(configs, one)
	}
	if plan.Dir == "" {
		if plan.Dir, err = studyDir(c.dataTitle(), names, configs); err != nil {
			return err
		}
	}
	if f.shard != "" {
		return f.runShard(cmd, plan)
	}
	var failures error
	if ranks.Size() > 1 && !f.onlyReport {
		err := inTurn(ranks, func() error {
			_, _, err := runs.load(configs[0])
			return err
		})
		if err != nil {
			return err
		}
		if failures, err = shareRuns(cmd.Context(), plan, ranks); err != nil {
			return err
		}
		plan.Finished = true
	}
	if ranks.Rank() > 0 {
		return nil
	}
	results, err := plan.Run(cmd.Context())
	if failures != nil && results != nil {
		err = failures
	}
	if errors.Is(err, context.Canceled) || results == nil {
		return err
	}
	if err != nil && existing(filepath.Join(plan.Dir, study.ResultsFile)) != "" {
		return errors.WithMessagef(err, "the report in %s is as it was", plan.Dir)
	}
	if len(results.Models) > 0 {
		runs.complete(results)
		if saved := results.Save(plan.Dir); saved != nil {
			return saved
		}
		fmt.Fprint(cmd.OutOrStdout(), results.Markdown())
		fmt.Fprintln(cmd.OutOrStdout(), filepath.Join(plan.Dir, study.HTMLFile))
	}
	return err
}

// comparison makes the runs of a study. It keeps each model's recipe, and the last data set that was read:
// the models of one seed follow each other.
type comparison struct {
	ctx      context.Context
	flags    trainFlags
	sweeps   sweepsFlags
	progress io.Writer
	recipes  map[string]study.Recipe
	seed     uint64
	size     int
	set      *data.Set
}

// entry returns a model of the study.
func (r *comparison) entry(name string, c config) study.Entry {
	run := func(seed uint64) (train.Task, error) {
		one := c
		one.Seed = seed
		set, one, err := r.load(one)
		if err != nil {
			return train.Task{}, err
		}
		task, err := newTask(one, r.flags, set)
		if err != nil {
			return task, err
		}
		return task, r.addRecipe(name, one)
	}
	return study.Entry{Name: name, Task: run, FirstToken: c.Architecture.Pooling == vit.PoolFirstToken,
		Unswept: r.sweeps.unswept(*c.Architecture)}
}

// load returns the set of a resolved config, and the config fitted to it.
func (r *comparison) load(c config) (*data.Set, config, error) {
	if r.set != nil && r.seed == c.Seed && r.size == c.Architecture.Image {
		c, err := c.fit(r.set)
		return r.set, c, err
	}
	set, c, err := load(r.ctx, c, r.flags.dataDir, r.progress)
	if err == nil {
		r.seed, r.size, r.set = c.Seed, c.Architecture.Image, set
	}
	return set, c, err
}

// addRecipe notes the recipe of a model as its run had it, unless another seed has: it is the same.
func (r *comparison) addRecipe(name string, c config) error {
	if _, noted := r.recipes[name]; noted {
		return nil
	}
	if c.refitted != "" {
		fmt.Fprintln(r.progress, c.refitted)
	}
	c.Seed = 0
	text, err := yaml.Marshal(c)
	if err != nil {
		return errors.Wrap(err, "recipe")
	}
	recipe := study.Recipe{YAML: string(text)}
	if recipe.Flops, _, err = vit.Flops(*c.Architecture, c.Micro); err != nil {
		return err
	}
	if c.Match != nil {
		if recipe.Matches, _, err = vit.Parameters(c.reference()); err != nil {
			return err
		}
	}
	r.recipes[name] = recipe
	return nil
}

// complete adds what the runs say of the data set, and the recipes.
func (r *comparison) complete(results *study.Results) {
	if r.set != nil {
		results.Metadata.Title, results.Metadata.Classes = r.set.Title, r.set.Classes
		if r.set.Kind() != data.Pictures {
			results.Metadata.Noun = "example"
		}
	}
	for i := range results.Models {
		results.Models[i].Recipe = r.recipes[results.Models[i].Name]
	}
}

// describeStudy returns what the report says of the comparison beside its results.
func describeStudy(cmd *cobra.Command, c config) (study.Metadata, error) {
	m := study.Metadata{
		Data: c.dataTitle(), Title: c.dataTitle(), Command: commandLine(cmd),
		Machine: fmt.Sprintf("%s/%s, %s, %s kernels",
			runtime.GOOS, runtime.GOARCH, words.Count(runtime.NumCPU(), "core"), dense.CPU()),
		Date: time.Now().Format(time.DateOnly), Version: "hqvit " + version(),
	}
	if !strings.Contains(c.Data, ":") {
		d, err := data.Describe(c.Data)
		if err != nil {
			return m, usageError{err}
		}
		m.Title, m.Remark = d.Title, d.Remark
	}
	return m, nil
}
