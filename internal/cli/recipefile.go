package cli

import (
	"fmt"
	"io"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train/rundir"
)

// readRecipe returns the text of a recipe that a user names. Of one that a run wrote and that has been
// changed since, it says so: that may be meant, or damage.
func readRecipe(path string, notes io.Writer) ([]byte, error) {
	text, err := rundir.ReadConfig(path)
	if errors.Is(err, rundir.ErrDamaged) {
		fmt.Fprintln(notes, "note:", oneLine(err))
		return text, nil
	}
	return text, err
}
