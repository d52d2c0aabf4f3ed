// Package cli is the command line: the commands of cmd/hqvit, and of a program that calls hqvit.Main.
package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

// Main is the program of that name with these additional names of models: it runs the command of the
// arguments, stops it at a signal, and ends the process with the exit code.
func Main(name string, names vit.Catalog) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(program{names: names, name: name}.runRanks(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// The exit codes.
const (
	done = iota
	failed
	wrongUsage
)

const summary = "Train vision transformers with quantum and with classical attention, and compare them"

const exitCodes = `The exit code is 0 for success, 2 for a mistake in the call (an unknown command, flag, name
or value, flags that exclude each other, a recipe with a mistake, a model without what is asked
for), and 1 for everything else that goes wrong: a file that is missing or in the way, training
that diverges, an interrupt.`

// usageError is an error in how the program was called.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// interrupted is the error of a run that was stopped by a signal and saved.
type interrupted struct {
	error
	resume string // the command that continues it
}

func (e interrupted) Unwrap() error { return e.error }

// program is the command line with the names of models that it knows.
type program struct {
	names vit.Catalog
	name  string       // empty: hqvit
	ranks *train.Ranks // of an mpirun, which do a command together; nil: this process is alone
}

func (p program) called() string { return cmp.Or(p.name, "hqvit") }

// run is the program; it returns the exit code. A catalog with a mistake is one in the call.
func (p program) run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if err := p.names.Check(); err != nil {
		fmt.Fprintf(stderr, "%s: the names for Main: %s\n", p.called(), oneLine(err))
		return wrongUsage
	}
	started := false // the command's own function: what fails before it is a usage error
	root := &cobra.Command{
		Use:     p.called(),
		Short:   summary,
		Long:    summary + ".\n\n" + exitCodes,
		Version: version(),

		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error {
			started = true
			if p.idle(cmd) {
				return errIdle
			}
			if err := checkGiven(cmd); err != nil {
				return err
			}
			return locate(cmd, args) // in place: the command gets the same slice
		},
	}
	verbose := root.PersistentFlags().Bool("verbose", false, "print where an error came from")
	root.AddCommand(p.commands()...)
	root.SetHelpCommand(helpCommand(root))
	root.InitDefaultCompletionCmd(args...)
	p.complete(root)
	speakPlainly(root)
	root.SetArgs(args)
	root.SetIn(os.Stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	if p.ranks.Rank() > 0 { // what all say, the first one says
		root.SetErr(io.Discard)
	}
	err := oneCommand(p.ranks, root, args)
	if err == nil {
		err = execute(ctx, root, args)
	}
	if err == nil || errors.Is(err, errIdle) {
		return done
	}
	var usage usageError
	abandoned := errors.Is(err, errAbandoned) // it still runs: nothing that it writes is read
	misused := !abandoned && (!started || errors.As(err, &usage))
	if name, says := p.speaker(ctx); says {
		fmt.Fprintf(stderr, "%s: %s%s\n", p.called(), name, message(err))
	}
	if !abandoned && *verbose {
		trace := err
		switch e := err.(type) { // the error in it has the stack
		case usageError:
			trace = e.error
		case interrupted:
			trace = e.error
		}
		fmt.Fprintf(stderr, "%+v\n", trace)
	}
	if stopped := (interrupted{}); errors.As(err, &stopped) && p.ranks.Rank() == 0 {
		fmt.Fprintln(stderr, stopped.resume) // on a line of its own, to be copied
	}
	if misused {
		return wrongUsage
	}
	return failed
}

// grace is how long a command may go on after an interrupt if it has nothing to save.
const grace = 2 * time.Second

// errAbandoned is the error of a command that an interrupt has not ended in time.
var errAbandoned = errors.New("interrupted")

// execute runs the command that the arguments name. After an interrupt train and compare save what they have;
// any other is given up if it does not end soon, whatever it is building or waiting for.
func execute(ctx context.Context, root *cobra.Command, args []string) error {
	type result struct {
		err      error
		panicked any
	}
	results := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			r.panicked = recover()
			results <- r
		}()
		r.err = root.ExecuteContext(ctx)
	}()
	var r result
	select {
	case r = <-results:
	case <-ctx.Done():
		late := time.After(grace)
		if slices.Contains(args, "train") || slices.Contains(args, "compare") {
			late = nil
		}
		select {
		case r = <-results:
		case <-late:
			return errAbandoned
		}
	}
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.err
}

func (p program) commands() []*cobra.Command {
	return []*cobra.Command{
		p.trainCommand(), p.evalCommand(), p.predictCommand(), p.explainCommand(), p.serveCommand(),
		p.compareCommand(), p.searchCommand(), reportCommand(), p.infoCommand(), p.modelsCommand(),
		p.exportCommand(), p.circuitCommand(),
		p.countsCommand(), p.ledgerCommand(), p.benchCommand(), dataCommand(), versionCommand(),
	}
}

// message returns an error as one line. Of an interrupt it says so first, and not what Go calls it.
func message(err error) string {
	text := oneLine(err)
	if !errors.Is(err, context.Canceled) {
		return text
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, context.Canceled.Error()), ": ")
	text = strings.TrimPrefix(text, "train: ")
	if text == "" {
		return "interrupted"
	}
	if stopped := (interrupted{}); errors.As(err, &stopped) {
		text += "; resume with"
	}
	return "interrupted: " + text
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Say more about a command",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return chooseCommand(cmd, rest)
			}
			return cmd.Help()
		},
	}
}
