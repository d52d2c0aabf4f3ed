package cli

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/option"
	"github.com/hqvit/hqvit/internal/suggest"
)

// The groups of flags in a command's help, in their order. Flags of no group come last.
const (
	dataGroup    = "Data"
	augmentGroup = "Augmentation"
	modelGroup   = "Model"
	teacherGroup = "Teacher"
	runGroup     = "Run"
	outputGroup  = "Output"
	sweepGroup   = "Shots and noise"
)

var flagGroups = []string{dataGroup, augmentGroup, modelGroup, option.TrainingGroup, teacherGroup, runGroup,
	sweepGroup, outputGroup, ""}

// speakPlainly gives a command and those below it usage texts and errors in the words of this program.
func speakPlainly(cmd *cobra.Command) {
	cmd.SetUsageFunc(printUsage)
	cmd.SetFlagErrorFunc(flagError)
	switch check := cmd.Args; {
	case cmd.HasSubCommands() && cmd.RunE == nil: // others, such as circuit, do something themselves too
		cmd.Args, cmd.RunE = cobra.ArbitraryArgs, chooseCommand
	case check != nil:
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return wrongArguments(cmd, args)
			}
			return nil
		}
	}
	for _, c := range cmd.Commands() {
		speakPlainly(c)
	}
}

// chooseCommand is what a command does that only has others below it.
func chooseCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	if len(names) == 0 {
		return wrongArguments(cmd, args)
	}
	return usageError{errors.Errorf("unknown command %q%s; there are %s",
		args[0], suggest.Among(args[0], names), strings.Join(names, ", "))}
}

// meanings are those of the words in the usage line of a command.
var meanings = []struct{ word, is string }{
	{"JOBDIR", "the directory of a job"}, {"RESULT.json", "what a device has returned"},
	{"DIR|FILE", "a run, a file of weights or a recipe"},
	{"FILE|DIR", "a file of weights or the directory of a run"},
	{"DIR", "a run or a name from hqvit models"}, {"IMAGE", "a picture file, or what else the model takes"},
	{"NAME", "a data set that hqvit data list knows"},
	{"FILE", "the ONNX file to write"},
}

// wrongArguments says what a command wants beside its flags.
func wrongArguments(cmd *cobra.Command, args []string) error {
	name, words, _ := strings.Cut(cmd.Use, " ")
	if words == "" {
		return usageError{errors.Errorf("%s takes flags alone, got %s; %s %s --help lists them",
			name, shellWord(args[0]), programName(cmd), commandPath(cmd))}
	}
	got := "got nothing"
	if len(args) > 0 {
		got = "got " + strings.Join(args, " ")
	}
	rest, where := words, []string{}
	for _, m := range meanings {
		if strings.Contains(rest, m.word) {
			rest = strings.ReplaceAll(rest, m.word, "")
			where = append(where, m.word+" is "+m.is)
		}
	}
	return usageError{errors.Errorf("%s: %s, want %s %s %s, where %s",
		name, got, programName(cmd), commandPath(cmd), words, strings.Join(where, " and "))}
}

// programName returns what the program is called on the command line.
func programName(cmd *cobra.Command) string {
	if cmd.HasParent() {
		return cmd.Root().Name()
	}
	return "hqvit" // a command by itself, as in a test
}

// commandPath returns a command's name with those above it, without that of the program.
func commandPath(cmd *cobra.Command) string {
	_, path, _ := strings.Cut(cmd.CommandPath(), " ")
	return path
}

// flagError says what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		invalid *pflag.InvalidValueError
		missing *pflag.ValueRequiredError
	)
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return errors.Errorf("unknown flag -%s, flags begin with two hyphens: --%[1]s",
			unknown.GetSpecifiedShortnames())
	case errors.As(err, &unknown):
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		wrong := "--" + unknown.GetSpecifiedName()
		return errors.Errorf("unknown flag %s%s; %s %s --help lists the flags",
			wrong, suggest.Among(wrong, names), programName(cmd), commandPath(cmd))
	case errors.As(err, &missing):
		return errors.Errorf("--%s has no value, want %s",
			missing.GetSpecifiedName(), wanted(missing.GetFlag(), nil))
	case errors.As(err, &invalid):
		return errors.Errorf("--%s is %q, want %s",
			invalid.GetFlag().Name, invalid.GetValue(), wanted(invalid.GetFlag(), errors.Unwrap(err)))
	}
	return err
}

// checkGiven returns an error for a flag that was given without a text, as by a shell variable that is not
// set: it would be taken for one that was not given.
func checkGiven(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		texts := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			texts = list.GetSlice()
		}
		if slices.ContainsFunc(texts, func(text string) bool { return strings.TrimSpace(text) == "" }) {
			err = usageError{errors.Errorf("--%s is empty, want %s; without it, leave out the flag", f.Name,
				wanted(f, nil))}
		}
	})
	return err
}

// wanted says in words what a flag takes.
func wanted(f *pflag.Flag, cause error) string {
	if errors.Is(cause, strconv.ErrRange) {
		return "a number that is not as large"
	}
	switch f.Value.Type() {
	case "int":
		return "a whole number"
	case "uint64":
		return "a whole number of at least 0"
	case "float64":
		return "a number"
	case "bool":
		return "true or false"
	}
	name, _ := pflag.UnquoteUsage(f)
	if cause != nil && f.Value.Type() != "list" {
		return cause.Error()
	}
	return "a " + name
}

// printUsage writes how a command is called, its flags by their groups.
func printUsage(cmd *cobra.Command) error {
	out := cmd.OutOrStderr()
	fmt.Fprint(out, "Usage:\n")
	if cmd.HasAvailableSubCommands() {
		if strings.Contains(cmd.Use, " ") { // it does something itself too
			fmt.Fprintf(out, "  %s\n", cmd.UseLine())
		}
		fmt.Fprintf(out, "  %s [command]\n\nCommands:\n", cmd.CommandPath())
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				fmt.Fprintf(out, "  %-*s %s\n", cmd.Commands()[0].NamePadding(), c.Name(), c.Short)
			}
		}
	} else {
		fmt.Fprintf(out, "  %s\n", cmd.UseLine())
	}
	title := "Flags"
	for _, name := range flagGroups {
		set := pflag.NewFlagSet(name, pflag.ContinueOnError)
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if groupOf(f) == name {
				set.AddFlag(f)
			}
		})
		if set.HasAvailableFlags() {
			fmt.Fprintf(out, "\n%s:\n%s", cmp.Or(name, title), set.FlagUsagesWrapped(110))
			title = "Other"
		}
	}
	if flags := cmd.Root().PersistentFlags(); flags.HasAvailableFlags() {
		fmt.Fprintf(out, "\nFlags of all commands:\n%s", flags.FlagUsagesWrapped(110))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(out, "\n%s [command] --help says more about a command.\n", cmd.CommandPath())
	}
	return nil
}

func groupOf(f *pflag.Flag) string {
	if groups := f.Annotations[option.GroupAnnotation]; len(groups) > 0 {
		return groups[0]
	}
	return ""
}

// inGroup puts flags of a command into a group of its help.
func inGroup(cmd *cobra.Command, group string, names ...string) {
	for _, name := range names {
		if f := cmd.Flags().Lookup(name); f != nil {
			f.Annotations = map[string][]string{option.GroupAnnotation: {group}}
		}
	}
}

// threadCount is a flag: a number of threads that a machine can have.
type threadCount struct{ to *int }

// mostThreads bounds the graphs that are built, one for each thread.
const mostThreads = 1024

func (c threadCount) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > mostThreads {
		return errors.Errorf("a whole number from 1 to %d", mostThreads)
	}
	*c.to = n
	return nil
}

func (c threadCount) String() string {
	if c.to == nil {
		return ""
	}
	return strconv.Itoa(*c.to)
}

func (c threadCount) Type() string { return "N" }

// positive is a flag: a finite number above 0.
type positive struct{ to *float64 }

func (p positive) Set(text string) error {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > 0) || math.IsInf(v, 0) {
		return errors.New("a number above 0")
	}
	*p.to = v
	return nil
}

func (p positive) String() string {
	if p.to == nil {
		return ""
	}
	return strconv.FormatFloat(*p.to, 'g', -1, 64)
}

func (p positive) Type() string { return "number" }

// checkData returns a usage error for a data set that is not known.
func checkData(name string) error {
	if err := data.CheckName(name); err != nil {
		return usageError{err}
	}
	return nil
}
