package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/vit"
)

// runsDir is where runs and comparisons are without --out.
const runsDir = "runs"

// find finds the run that is to be resumed and reads its recipe, unless --config gives another one. Without
// --out the run is where a fresh start of the same command would have begun it.
func (f *trainFlags) find(cmd *cobra.Command, c *config) error {
	switch {
	case f.out == "":
		if err := f.findHome(cmd, c); err != nil {
			return err
		}
	case !rundir.Holds(f.out): // as after a slip in its name
		return errors.Errorf("%s holds no run to resume; without --resume a new one starts there%s", f.out,
			rundir.NearText(f.out))
	}
	path := filepath.Join(f.out, rundir.ConfigFile)
	there := existing(path) != ""
	if f.file == "" && !there && rundir.Holds(f.out) {
		return errors.Errorf("%s has lost its %s, which says what is resumed: give that recipe by --config",
			f.out, rundir.ConfigFile)
	}
	was := recorded(c.names, path)
	if f.file == "" && there {
		if err := c.load(path, cmd); err != nil {
			return err
		}
	}
	checkpoint := existing(filepath.Join(f.out, rundir.CheckpointFile)) != ""
	c.begun = checkpoint && (was == nil || filepath.Clean(was.From) == filepath.Clean(c.From))
	return nil
}

// findHome sets the directory to the one in which a fresh start would have begun the run. If there is none,
// and one of the same data and seed has another model, nobody knows which is meant.
func (f *trainFlags) findHome(cmd *cobra.Command, c *config) error {
	fresh := *c
	named := c.said.model || cmd.Flags().Changed("model") || cmd.Flags().Changed("size")
	if err := fresh.adopt(named); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return errors.WithMessage(err, "a run that has begun needs it no longer if --out names that run")
		}
		return err
	}
	if err := fresh.suit(cmd, *f, io.Discard); err != nil {
		return err
	}
	fresh, err := fresh.resolve()
	if err != nil {
		return err
	}
	set, err := fresh.read(cmd.Context(), *fresh.Architecture, f.dataDir, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	c.set, c.setOf = fresh.set, fresh.setOf
	if fresh, err = fresh.fit(set); err != nil {
		return err
	}
	if f.out = defaultDir(fresh, *f); rundir.Holds(f.out) {
		return nil
	}
	others, same := runsOf(fresh)
	if len(same) > 0 && !named && fresh.From == "" {
		return errors.Errorf("no run to resume in %s, but %s: name it by --out, as in %s train --resume --out "+
			"%s; without --resume a new one starts", f.out, strings.Join(others, ", "), programName(cmd),
			shellWord(same[0]))
	}
	if len(others) > 0 {
		others = []string{" (there is " + strings.Join(others, ", ") + ")"}
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "no run to resume in %s%s: a new one starts there\n", f.out,
		strings.Join(others, ""))
	return nil
}

// runsOf lists the runs on the data of a config in the directory of runs, each with its model, and the
// directories of those with its seed.
func runsOf(c config) (all, sameSeed []string) {
	for _, dir := range rundir.Find(runsDir) {
		one := recorded(c.names, filepath.Join(dir, rundir.ConfigFile))
		if one == nil || one.dataTitle() != c.dataTitle() {
			continue
		}
		all = append(all, fmt.Sprintf("%s of %s", dir, one.title()))
		if one.Seed == c.Seed {
			sameSeed = append(sameSeed, dir)
		}
	}
	return all, sameSeed
}

// recorded returns the config in a file of a run, nil if there is none that can be read.
func recorded(names vit.Catalog, path string) *config {
	text, err := rundir.ReadConfig(path)
	c := newConfig(names)
	if err != nil || c.parse(path, text) != nil {
		return nil
	}
	return &c
}

// keepModel keeps the architecture of the run that is resumed. It returns an error if the flags name another
// model; empty flags name none.
func (c *config) keepModel(dir, model, size string) error {
	if model == "" && size == "" {
		return nil
	}
	whole := c.title()
	if inSize(c.Model, size) == whole {
		c.Model, c.Size = whole, ""
		return nil
	}
	exact := *c
	if exact.Architecture != nil { // shots and noise are those of the run, unless flags say others
		bare := exact.Architecture.Exact()
		exact.Architecture = &bare
	}
	is, named, flags := exact.title(), inSize(c.Model, size), "--size"
	if model != "" {
		flags = "--model"
	}
	a, match, err := parseModel(c.names, c.Model, size, "")
	switch {
	case err == nil && (a.Shots != 0 || a.Noise+a.Device != ""): // which the name says, too
		is, named = whole, config{Architecture: &a, Match: match}.title()
	case err == nil:
		named = config{Architecture: &a, Match: match}.title()
	case model != "" && named != is:
		return err
	}
	if named != is {
		return errors.Errorf("%s holds a run of %s, not of %s: leave out %s to resume it, or name another "+
			"directory "+
			"by --out for a new run", dir, whole, named, flags)
	}
	c.Model, c.Size = whole, ""
	return nil
}

// keepInputs returns an error if the run that is to be overwritten is one that the new run learns from.
func (f trainFlags) keepInputs(c config) error {
	if !f.overwrite {
		return nil
	}
	out, err := os.Stat(f.out)
	if err != nil {
		return nil //nolint:nilerr // nothing is there
	}
	for _, input := range []struct{ flag, path string }{{"from", c.From}, {"teacher", c.Teacher}} {
		if input.path == "" {
			continue
		}
		dir, err := os.Stat(filepath.Dir(rundir.WeightsPath(input.path)))
		if err == nil && os.SameFile(dir, out) {
			return usageError{errors.Errorf("--%s %s lies in %s, which --overwrite replaces, so that "+
				"nothing could "+
				"repeat the run: name another directory by --out", input.flag, shellWord(input.path), f.out)}
		}
	}
	return nil
}

// elsewhere adds to an error about a missing file, of a run that is resumed, from where its paths are.
func (f trainFlags) elsewhere(err error) error {
	if !f.resume || !rundir.Holds(f.out) || !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return errors.Errorf("%v; paths in %s are from where the run began: resume it there, or give --data, or "+
		"--teacher", err, filepath.Join(f.out, rundir.ConfigFile))
}

// resumeCommand is the command that continues an interrupted run, with the flags that config.yaml does not
// hold.
func resumeCommand(cmd *cobra.Command, dir string) string {
	line := programName(cmd) + " train --resume --out " + shellWord(dir)
	for _, name := range []string{"data-dir", "threads", "log"} {
		if f := cmd.Flags().Lookup(name); f.Changed {
			line += " --" + name + " " + shellWord(f.Value.String())
		}
	}
	return line
}

// existing returns the path if there is a file, else "".
func existing(path string) string {
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// defaultDir is the first free directory of its name; to be resumed or overwritten, the last that holds a
// run.
func defaultDir(c config, f trainFlags) string {
	first := filepath.Join(runsDir, rundir.FileName(fmt.Sprintf("%s-%s-s%d", c.dataTitle(), c.title(), c.Seed)))
	dir, last := first, first
	for n := 2; rundir.Holds(dir); n++ {
		dir, last = fmt.Sprintf("%s-%d", first, n), dir
	}
	if f.resume || f.overwrite {
		return last
	}
	return dir
}
