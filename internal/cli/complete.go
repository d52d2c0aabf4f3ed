package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/pretrained"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/device"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/vit"
)

// values returns what a word that has been typed so far can become, each perhaps with a tab and what it
// means.
type values func(typed string) []string

// complete says to the scripts of `completion` what can stand where: the values of flags by their names, and
// the arguments of commands. The names are those of the tables that the help lists.
func (p program) complete(root *cobra.Command) {
	flags := p.flagValues()
	for _, cmd := range allCommands(root) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			placeholder, _ := pflag.UnquoteUsage(f)
			switch v, known := flags[f.Name]; {
			case known && (f.Name != "from" || cmd.Name() == "train"): // of compare it is NAME=DIR
				// The error is that of a flag that is not there or is registered twice.
				_ = cmd.RegisterFlagCompletionFunc(f.Name, flagCompletion(v))
			case f.Name == "config":
				_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions([]string{"yaml", "yml"},
					cobra.ShellCompDirectiveFilterFileExt))
			case placeholder == "directory":
				_ = cmd.RegisterFlagCompletionFunc(f.Name,
					cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs))
			}
		})
		if cmd.ValidArgsFunction == nil {
			cmd.ValidArgsFunction = p.arguments(cmd)
		}
	}
}

func allCommands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		all = append(all, allCommands(c)...)
	}
	return all
}

func flagCompletion(v values) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		found := matching(v(typed), typed)
		directive := cobra.ShellCompDirectiveNoFileComp
		if len(found) == 0 {
			directive = cobra.ShellCompDirectiveDefault // such as the file of a device
		}
		if goesOn(found) {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		return found, directive
	}
}

// goesOn reports whether something has to follow one of the words.
func goesOn(found []string) bool {
	return slices.ContainsFunc(found, func(word string) bool {
		word, _, _ = strings.Cut(word, "\t")
		return strings.HasSuffix(word, ":") || strings.HasSuffix(word, "=") || strings.HasSuffix(word, "/")
	})
}

func matching(words []string, typed string) (found []string) {
	for _, word := range words {
		if strings.HasPrefix(word, typed) {
			found = append(found, word)
		}
	}
	return found
}

// arguments returns what the arguments of a command can be, by their words in its usage line.
func (p program) arguments(cmd *cobra.Command) cobra.CompletionFunc {
	_, words, _ := strings.Cut(cmd.Use, " ")
	return func(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		switch first := len(args) == 0; {
		case words == "NAME":
			if !first {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return flagCompletion(listedData)(cmd, args, typed)
		case words == "", words == "[flags]":
			return nil, cobra.ShellCompDirectiveNoFileComp
		case strings.HasPrefix(words, "[DIR") && first, strings.HasPrefix(words, "DIR ") && first,
			words == "DIR" && first,
			strings.HasPrefix(words, "FILE|DIR") && first, cmd.Name() == "serve":
			if found := matching(runs(typed), typed); len(found) > 0 && cmd.Name() != "report" {
				return found, cobra.ShellCompDirectiveDefault
			}
		}
		return nil, cobra.ShellCompDirectiveDefault
	}
}

// runs are the models that come trained, and the runs in the folder runs and in the one that was typed.
func runs(typed string) []string {
	found := slices.Clone(pretrained.Names())
	for _, in := range []string{"runs/", typed} {
		paths, _ := filepath.Glob(filepath.Join(globbed(in)+"*", rundir.WeightsFile))
		for _, path := range paths {
			if dir := filepath.ToSlash(filepath.Dir(path)); !slices.Contains(found, dir) {
				found = append(found, dir)
			}
		}
	}
	return found
}

// globbed takes what a pattern means out of a path.
func globbed(path string) string {
	return strings.NewReplacer("[", `\[`, "*", `\*`, "?", `\?`).Replace(path)
}

// flagValues are the values of flags by the flags' names.
func (p program) flagValues() map[string]values {
	fixed := func(words ...string) values { return func(string) []string { return words } }
	var optimizersBy, schedules, lossesBy, channels []string
	for _, r := range optimizers.Table() {
		optimizersBy = append(optimizersBy, r.Name)
	}
	for _, r := range optimizers.Schedules() {
		schedules = append(schedules, r.Name)
	}
	for _, r := range losses.Table() {
		lossesBy = append(lossesBy, r.Name)
	}
	for _, name := range noiseNames() {
		channels = append(channels, name+"=")
	}
	return map[string]values{
		"data": dataValues, "model": p.modelValues, "models": func(typed string) []string {
			return afterLast(typed, ",", p.modelValues)
		},
		"size": fixed("s\tpatch 8, 2 blocks", "m\tpatch 4, 4 blocks"), "pooling": fixed(vit.Poolings()...),
		"device": fixed(device.Names()...), "noise": func(typed string) []string {
			return afterLast(typed, ",", fixed(channels...))
		},
		"optimizer": fixed(optimizersBy...), "schedule": fixed(schedules...), "loss": fixed(lossesBy...),
		"select": fixed("accuracy", "loss", "auc"), "split": fixed("train", "val", "test"),
		"invert": fixed(inverts...),
		"from":   runs, "teacher": runs, "set": fixed(architectureBlock+".", augmentationBlock+"."),
	}
}

// afterLast completes what follows the last separator.
func afterLast(typed, separator string, v values) (found []string) {
	at := strings.LastIndex(typed, separator) + 1
	for _, word := range v(typed[at:]) {
		found = append(found, typed[:at]+word)
	}
	return found
}

// modelValues are names of models and, after a colon, their changes.
func (p program) modelValues(typed string) (found []string) {
	at := strings.LastIndex(typed, ":")
	if at < 0 {
		for _, m := range p.names.All() {
			found = append(found, m.Name+"\t"+m.Help)
		}
		return append(found, "vit-matched", "vit-matched-m")
	}
	base := typed[:at+1]
	for _, s := range p.names.AllScores() {
		found = append(found, base+s.Name+"\t"+s.Help)
	}
	for _, a := range p.names.AllAnsatzes() {
		found = append(found, base+a.Name+"\t"+a.Help)
	}
	for _, change := range slices.Concat(vit.Poolings(), []string{"matched"}, device.Names()) {
		found = append(found, base+change)
	}
	return found
}

// listedData are the names of listed sets.
func listedData(string) (found []string) {
	for _, d := range data.List() {
		found = append(found, d.Name+"\t"+d.Title)
	}
	return found
}

// dataValues are those names, the forms of a user's own sets, and the paths of these.
func dataValues(typed string) []string {
	found := listedData(typed)
	for _, form := range data.Forms() {
		kind, _, _ := strings.Cut(form, ":")
		found = append(found, kind+":\t"+form)
		path, own := strings.CutPrefix(typed, kind+":")
		if !own {
			continue
		}
		paths, _ := filepath.Glob(globbed(path) + "*")
		for _, p := range paths {
			if info, err := os.Stat(p); err == nil && info.IsDir() {
				p += "/"
			}
			found = append(found, kind+":"+filepath.ToSlash(p))
		}
	}
	return found
}

func noiseNames() (names []string) {
	for _, c := range circuit.Channels() {
		names = append(names, c.Name)
	}
	return append(names, "readout")
}
