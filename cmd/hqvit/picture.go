package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
)

// Whether an image is inverted before a model sees it.
const (
	invertAuto   = "auto" // if its background is the opposite of the training images'
	invertAlways = "always"
	invertNever  = "never"
)

var inverts = []string{invertAuto, invertAlways, invertNever}

func registerInvert(cmd *cobra.Command, invert *string) {
	cmd.Flags().StringVar(invert, "invert", invertAuto, "swap dark and bright: auto, always or never")
}

func checkInvert(invert string) error {
	if !slices.Contains(inverts, invert) {
		return usageError{errors.Errorf("invert %q, want %s", invert, strings.Join(inverts, ", "))}
	}
	return nil
}

// picture reads the file of a picture, or standard input for "-", in the form of a training image, and reports
// whether it inverted it. It returns an error if the model cannot be given a picture.
func (m *model) picture(cmd *cobra.Command, name, invert string) (split data.Split, inverted bool, err error) {
	if m.unscaled {
		return split, false, errors.Errorf("%s was trained on real numbers of which nothing says which is black "+
			"and which is white: it cannot be given a picture; train it on numbers in 0 to 1 or 0 to 255", m.path)
	}
	p, err := readPicture(name, cmd.InOrStdin())
	if err != nil {
		return split, false, err
	}
	if p.Several() {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s holds several frames or pages: the first is taken\n", name)
	}
	inverted = invert == invertAlways || invert == invertAuto && p.Background().Opposes(m.background)
	split, err = p.Split(m.shape, inverted)
	return split, inverted, err
}

func readPicture(name string, stdin io.Reader) (*data.Picture, error) {
	if name == "-" {
		return data.ReadPicture(stdin, "standard input")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, errors.Wrap(err, "data")
	}
	defer file.Close()
	return data.ReadPicture(file, name)
}

// titleOf is what the output calls an image.
func titleOf(name string, inverted bool) string {
	if inverted {
		return name + " (inverted)"
	}
	return name
}
