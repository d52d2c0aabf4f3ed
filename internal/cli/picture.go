package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/trained"
)

// inverts are the values of --invert.
var inverts = []string{string(trained.InvertAuto), string(trained.InvertAlways), string(trained.InvertNever)}

func registerInvert(cmd *cobra.Command, invert *string) {
	cmd.Flags().StringVar(invert, "invert", inverts[0], "swap dark and bright: auto, always or never")
}

func checkInvert(invert string) error {
	if !slices.Contains(inverts, invert) {
		return usageError{errors.Errorf("invert %q, want %s", invert, strings.Join(inverts, ", "))}
	}
	return nil
}

// fitPicture reads the file of a picture, or standard input for "-", in the form of a training image, and
// reports whether it inverted it. It returns an error if the model cannot be given a picture.
func fitPicture(cmd *cobra.Command, m *trained.Model, name string) (split data.Split, inverted bool,
	err error) {
	p, err := readPicture(name, cmd.InOrStdin())
	if err != nil {
		return split, false, err
	}
	if p.Several() {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s holds several frames or pages: the first is taken\n", name)
	}
	return m.Fit(p)
}

func readPicture(name string, stdin io.Reader) (*data.Picture, error) {
	if name == "-" {
		return data.ReadPicture(stdin, "standard input")
	}
	return data.OpenPicture(name)
}

// titleOf is what the output calls an image.
func titleOf(name string, inverted bool) string {
	if inverted {
		return name + " (inverted)"
	}
	return name
}
