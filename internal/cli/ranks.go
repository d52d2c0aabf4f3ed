package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/mpi"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/trained"
)

// spread are the commands that the ranks of an mpirun do together. Any other is done by the first, and the
// others wait for it.
var spread = []string{"train", "eval", "predict", "bench", "compare"}

// errIdle is the error of a rank that has nothing to do.
var errIdle = errors.New("nothing to do for this rank")

// errNoInput is the error of several ranks for the name of standard input.
var errNoInput = usageError{errors.New("mpirun gives standard input to one rank alone: want a file, not -")}

// alike is how long the error of a rank waits for that of the first: if all have the same one, the first says
// it and ends the others.
const alike = 2 * time.Second

// runRanks is run, as one of the ranks of an mpirun if it has started this process. A rank that fails ends
// all.
func (p program) runRanks(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	world, err := mpi.Init()
	if err != nil {
		fmt.Fprintf(stderr, "%s: %s\n", p.called(), oneLine(err))
		return failed
	}
	if world.Size > 1 {
		if p.ranks, err = train.OpenRanks(); err != nil {
			fmt.Fprintf(stderr, "%s: %s\n", p.called(), oneLine(err))
			world.Abort(failed)
		}
	}
	if world.Rank > 0 {
		stdout = io.Discard
	}
	code := p.run(ctx, args, stdout, stderr)
	if code != done && world.Size > 1 {
		world.Abort(code)
	}
	if err := world.Finalize(); err != nil {
		fmt.Fprintf(stderr, "%s: %s\n", p.called(), oneLine(err))
		return failed
	}
	return code
}

// idle reports whether this rank has no part in a command.
func (p program) idle(cmd *cobra.Command) bool {
	return p.ranks.Rank() > 0 && !slices.Contains(spread, cmd.Name())
}

// oneCommand returns an error unless all ranks run the same command: else each would wait for what the other
// never sends, or take it for something else.
func oneCommand(ranks *train.Ranks, root *cobra.Command, args []string) error {
	if ranks.Size() == 1 {
		return nil
	}
	name := root.Name()
	if cmd, _, err := root.Find(args); err == nil {
		name = cmd.CommandPath()
	}
	all, err := ranks.Collect([]byte(name))
	if err != nil {
		return err
	}
	for rank, other := range all {
		if string(other) != string(all[0]) {
			return usageError{errors.Errorf("rank %d runs %s and the first %s: want one command for all "+
				"ranks",
				rank, other, all[0])}
		}
	}
	return nil
}

// inTurn lets the first rank do something, and then the others: it may download what they find.
func inTurn(ranks *train.Ranks, do func() error) error {
	if ranks.Rank() == 0 {
		if err := do(); err != nil {
			return err
		}
	}
	if _, err := ranks.Collect(nil); err != nil || ranks.Rank() == 0 {
		return err
	}
	return do()
}

// agreed returns the text that the first rank has.
func agreed(ranks *train.Ranks, text string) (string, error) {
	all, err := ranks.Collect([]byte(text))
	if err != nil {
		return "", err
	}
	return string(all[0]), nil
}

// fitPictures reads files in the form of training images, each rank its share, and says of each whether it
// was inverted.
func fitPictures(cmd *cobra.Command, m *trained.Model, ranks *train.Ranks, names []string) (data.Split,
	[]bool, error) {
	images := data.Split{Shape: m.Metadata().Shape}
	if ranks.Size() > 1 && slices.Contains(names, "-") {
		return images, nil, errNoInput
	}
	from, to := ranks.Share(len(names))
	var own, marks []byte
	for _, name := range names[from:to] {
		one, inverted, err := fitPicture(cmd, m, name)
		if err != nil {
			return images, nil, err
		}
		own = append(own, one.Images...)
		marks = append(marks, map[bool]byte{true: 1}[inverted])
	}
	var inverted []bool
	for _, part := range []struct {
		own  []byte
		take func(b []byte)
	}{
		{own, func(b []byte) { images.Images = append(images.Images, b...) }},
		{marks, func(b []byte) {
			for _, mark := range b {
				inverted = append(inverted, mark == 1)
			}
		}},
	} {
		all, err := ranks.Collect(part.own)
		if err != nil {
			return images, nil, err
		}
		for _, b := range all {
			part.take(b)
		}
	}
	return images, inverted, nil
}

// speaker is what an error begins with that this rank says, and whether it says it: not if all ranks are
// being ended, for whoever does that has said why.
func (p program) speaker(ctx context.Context) (name string, says bool) {
	if p.ranks.Rank() == 0 {
		return "", true
	}
	select {
	case <-ctx.Done():
		return "", false
	case <-time.After(alike):
	}
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	return fmt.Sprintf("rank %d on %s: ", p.ranks.Rank(), host), true
}
