package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"runtime"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/option"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/vit"
)

// trainFlags say where and how a run is done, and nothing that changes its result.
type trainFlags struct {
	out, dataDir, file string
	threads            int
	resume, overwrite  bool
	log                string
	overlap            bool
	ranks              *train.Ranks // which train together; nil: this process alone

	say io.Writer // for what is to be said before a run; nil: nowhere
}

func (p program) trainCommand() *cobra.Command {
	c := newConfig(p.names)
	var f trainFlags
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a model and evaluate it on the test images",
		Long: `Train a model, choose the best epoch by validation, evaluate it once on the test images.

The directory of the run gets config.yaml, metrics.csv, metrics.jsonl, events for TensorBoard,
summary.json, curves.svg, confusion.svg, best.safetensors and last.ckpt. Without --out it is
runs/DATA-MODEL-sSEED, or the first of …-2, …-3 and so on that is free. One seed gives one result
for any --threads.

--optimizer, --schedule and --loss take a name and, after a colon, fields: adamw:decay=0.05.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.ranks = p.ranks
			return runTrain(cmd, &c, f)
		},
	}
	c.register(cmd.Flags())
	registerModel(cmd.Flags(), p.names, &c.Model, &c.Size, "")
	option.Flags(cmd.Flags(), c.startRows())
	cmd.Flags().StringVar(&f.out, "out", "", "`directory` of the run")
	registerWhere(cmd, &f.dataDir, &f.threads)
	cmd.Flags().StringVar(&f.file, "config", "",
		"read defaults from a `file` like config.yaml; flags override it")
	cmd.Flags().StringVar(&f.log, "log", "", "append each epoch and checkpoint as a line of JSON to a `file`")
	cmd.Flags().BoolVar(&f.resume, "resume", false,
		"resume from the last checkpoint, with the config.yaml of the run")
	registerOverlap(cmd, &f.overlap)
	cmd.Flags().BoolVar(&f.overwrite, "overwrite", false, "replace the run in the directory")
	c.sets.register(cmd)
	c.device = &deviceFlags{}
	c.device.register(cmd)
	inGroup(cmd, modelGroup, "shots", "noise", "device", "mitigate")
	inGroup(cmd, dataGroup, "data-dir")
	inGroup(cmd, outputGroup, "out", "log", "keep-epochs")
	inGroup(cmd, runGroup, "config", "set", "resume", "overwrite", "threads", "overlap")
	return cmd
}

func registerOverlap(cmd *cobra.Command, overlap *bool) {
	cmd.Flags().BoolVar(overlap, "overlap", false, "under mpirun, exchange the gradients of the last "+
		"layers while those "+
		"of the first are computed; changes no result, and pays on slow networks")
}

func registerWhere(cmd *cobra.Command, dataDir *string, threads *int) {
	cmd.Flags().StringVar(dataDir, "data-dir", "",
		"`directory` of data sets (default: $HQVIT_DATA, or the user's cache)")
	registerThreads(cmd, threads)
}

func registerThreads(cmd *cobra.Command, threads *int) {
	*threads = min(runtime.GOMAXPROCS(0), mostThreads)
	cmd.Flags().Var(threadCount{threads}, "threads", "work in `N` threads; their number changes no result")
}

func runTrain(cmd *cobra.Command, c *config, f trainFlags) error {
	if f.resume && f.overwrite {
		return usageError{errors.New("--resume and --overwrite exclude each other")}
	}
	if f.log != "" {
		if err := checkLog(f.log); err != nil {
			return err
		}
	}
	if f.file != "" {
		if err := c.load(f.file, cmd); err != nil {
			return err
		}
	}
	if f.resume {
		if err := f.find(cmd, c); err != nil {
			return err
		}
	}
	named := c.said.model || cmd.Flags().Changed("model") || cmd.Flags().Changed("size")
	if err := c.adopt(named); err != nil {
		return err
	}
	var set *data.Set
	var fitted config
	err := inTurn(f.ranks, func() error {
		if err := c.suit(cmd, f, cmd.ErrOrStderr()); err != nil {
			return err
		}
		resolved, err := c.resolve()
		if err != nil {
			return err
		}
		set, fitted, err = load(cmd.Context(), resolved, f.dataDir, cmd.ErrOrStderr())
		return f.elsewhere(err)
	})
	if err != nil {
		return err
	}
	c.set = nil
	if f.out == "" {
		if f.out, err = agreed(f.ranks, defaultDir(fitted, f)); err != nil {
			return err
		}
	}
	if err := f.keepInputs(fitted); err != nil {
		return err
	}
	if fitted.refitted != "" {
		fmt.Fprintln(cmd.ErrOrStderr(), fitted.refitted)
	}
	f.say = cmd.ErrOrStderr()
	task, err := newTask(fitted, f, set)
	if err != nil {
		return f.elsewhere(err)
	}
	return runTask(cmd, task, f, *fitted.Architecture)
}

// runTask trains, with progress on the terminal, and says what came of it, and what can be done with it.
func runTask(cmd *cobra.Command, task train.Task, f trainFlags, a vit.Config) error {
	task.Progress = cmd.ErrOrStderr()
	if f.log != "" && f.ranks.Rank() == 0 {
		file, err := os.OpenFile(f.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		if err != nil {
			return errors.Wrap(err, "log")
		}
		defer file.Close()
		task.Log = slog.New(slog.NewJSONHandler(file, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	fmt.Fprintf(task.Progress, "%s on %s: %d training, %d validation and %d test %s; %s\n",
		task.Name, task.DataName, length(task.Train), length(task.Val), length(task.Test),
		words.Noun(2, nounOf(a)), f.out)
	warnOfNone(task.Progress, length(task.Val), length(task.Test), nounOf(a))
	report, err := task.Run(cmd.Context())
	if errors.Is(err, context.Canceled) && rundir.Holds(f.out) {
		return interrupted{err, resumeCommand(cmd, f.out)}
	}
	if err != nil {
		return err
	}
	if report.Test != nil {
		warnOfChance(cmd.ErrOrStderr(), report.Test, task.ClassNames,
			"; more --epochs, a smaller --batch or another --model may help")
	}
	printReport(cmd.OutOrStdout(), report, f.out, nounOf(a))
	if file, ok := cmd.ErrOrStderr().(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprint(file, nextSteps(programName(cmd), f.out, a))
	}
	return nil
}

// checkLog refuses to append lines of JSON to a file of something else.
func checkLog(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode()&os.ModeDevice != 0 {
		return nil // what is wrong with a new file, opening it says
	}
	content, err := firstMegabyte(path)
	if err != nil || len(content) > 0 && content[0] != '{' {
		return usageError{errors.Errorf("--log %s: the file that is there has no lines of JSON: want another "+
			"name", shellWord(path))}
	}
	return nil
}

// shellWord quotes a text for a shell if it has to be.
func shellWord(text string) string {
	if plain := regexp.MustCompile(`^[\w./:,@%+=~-]+$`); plain.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// newTask returns the run of a fitted config on its data set.
func newTask(c config, f trainFlags, set *data.Set) (train.Task, error) {
	images, err := prepare(set, c.transform(set))
	if err != nil {
		return train.Task{}, err
	}
	model, err := vit.New(*c.Architecture)
	if err != nil {
		return train.Task{}, err
	}
	meta, err := c.metadata(set, images.transform)
	if err != nil {
		return train.Task{}, err
	}
	teacher, err := c.teacher(set, images.transform)
	if err != nil {
		return train.Task{}, err
	}
	from, said, err := c.start(set, images.transform)
	if err != nil {
		return train.Task{}, err
	}
	if f.say != nil {
		fmt.Fprint(f.say, said)
	}
	task := train.Task{
		Loop: train.Loop{
			Model: model, Recipe: c.Recipe, Teacher: teacher, From: from, Threads: f.threads, Ranks: f.ranks,
			Overlap: f.overlap,
			Dir:     f.out, Resume: f.resume, Overwrite: f.overwrite,
			Name: c.title(), DataName: c.dataTitle(), ClassNames: set.Classes, Config: c, Meta: meta,
		},
		Train: images.train, Val: images.val, Test: images.test,
	}
	if c.Augment {
		task.Augment = *c.Augmentation
	}
	return task, nil
}
