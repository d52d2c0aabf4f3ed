// Command hqvit trains and compares vision transformers with quantum and with classical attention.
//
//	hqvit train                                 HQViT on MNIST, in a few minutes on two cores
//	hqvit train --model vit --data fashion-mnist --epochs 10 --seed 3
//	hqvit eval runs/mnist-hqvit-s1
//	hqvit predict runs/mnist-hqvit-s1 digit.png
//	hqvit explain runs/mnist-hqvit-s1 digit.png --out attention.png
//	hqvit compare --data mnist --models hqvit,vit --seeds 3 --epochs 8
//	hqvit info runs/mnist-hqvit-s1
//	hqvit circuit runs/mnist-hqvit-s1 --svg attention.svg
//	hqvit ledger --model hqvit --image 64
//	hqvit bench --model hqvit --threads 1
//	hqvit bench --circuit --qubits 10 --layers 4 --batch 64 --threads 1
//	hqvit data list
//
// The exit code is 0 for success, 1 for a failure, 2 for a usage error. An error is one line on standard
// error, stating what was expected and what was given; after an interrupt a second line is the command that
// resumes the run.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// The exit codes.
const (
	done = iota
	failed
	wrongUsage
)

// usageError is an error in how the program was called.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// interrupted is the error of a run that was stopped by a signal and saved.
type interrupted struct {
	error
	resume string // the command that continues it
}

func (e interrupted) Unwrap() error { return e.error }

// run is the program; it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	started := false // the command's own function: what fails before it is a usage error
	root := &cobra.Command{
		Use:     "hqvit",
		Short:   "Train vision transformers with quantum and with classical attention, and compare them",
		Version: version(),

		SilenceErrors:    true,
		SilenceUsage:     true,
		PersistentPreRun: func(*cobra.Command, []string) { started = true },
	}
	verbose := root.PersistentFlags().Bool("verbose", false, "print where an error came from")
	root.AddCommand(commands()...)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "FlagUsages", "FlagUsagesWrapped 110"))
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return done
	}
	var usage usageError
	misused := !started || errors.As(err, &usage)
	fmt.Fprintf(stderr, "hqvit: %s\n", message(err))
	if *verbose {
		trace := err
		switch e := err.(type) { // the error in it has the stack
		case usageError:
			trace = e.error
		case interrupted:
			trace = e.error
		}
		fmt.Fprintf(stderr, "%+v\n", trace)
	}
	if stopped := (interrupted{}); errors.As(err, &stopped) {
		fmt.Fprintln(stderr, stopped.resume) // on a line of its own, to be copied
	}
	if misused {
		return wrongUsage
	}
	return failed
}

func commands() []*cobra.Command {
	return []*cobra.Command{
		trainCommand(), evalCommand(), predictCommand(), explainCommand(), compareCommand(), reportCommand(),
		infoCommand(), circuitCommand(), ledgerCommand(), benchCommand(), dataCommand(), versionCommand(),
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

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), "hqvit", version()) },
	}
}

// version is the version of the module, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "devel"
	}
	return strings.Trim(info.Main.Version, "()")
}
