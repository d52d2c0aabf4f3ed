package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/pretrained"
	"github.com/hqvit/hqvit/trained"
)

// predictFlags say what is printed for each image.
type predictFlags struct {
	top     int
	json    bool
	invert  string
	threads int
	device  deviceFlags
}

func (p program) predictCommand() *cobra.Command {
	var f predictFlags
	cmd := &cobra.Command{
		Use:   "predict [DIR] IMAGE...",
		Short: "Classify pictures",
		Long: `Classify images with the best weights of a run: DIR is its directory, a file of weights, or the
name of a model that comes trained (hqvit models); without it, that is ` + pretrained.Default + `,
which reads digits. An IMAGE is a PNG, JPEG, GIF, BMP, TIFF or WebP file, a folder (all such files
in it and below, by name), or - for standard input.

An image may have any size, and may be grey or coloured. It is fitted to the size and the
channels of the training images: turned upright as its camera recorded, scaled down if it is
larger, with its aspect ratio, and centred on black; transparent pixels become black.

Before that, an image on a white background is inverted for a model that was trained on black
ones, such as MNIST's, and vice versa: when the mean brightness of its outermost pixels is
above 3/4 and that of the training images below 1/4, or the reverse. The output then says
(inverted). --invert always and --invert never override this.`,
		Args: pictureArgs(cobra.MinimumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			args, err := withModel(cmd, args)
			if err != nil {
				return err
			}
			return p.runPredict(cmd, args[0], args[1:], f)
		},
	}
	f.device.register(cmd)
	cmd.Flags().IntVar(&f.top, "top", 3, "print the `N` most probable classes")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one line of JSON for each image")
	registerInvert(cmd, &f.invert)
	registerThreads(cmd, &f.threads)
	return cmd
}

func (p program) runPredict(cmd *cobra.Command, dir string, args []string, f predictFlags) error {
	if f.top < 1 || f.threads < 1 {
		return usageError{errors.Errorf("top is %d and threads is %d, want at least 1", f.top, f.threads)}
	}
	if err := checkInvert(f.invert); err != nil {
		return err
	}
	if err := f.device.check(); err != nil {
		return err
	}
	m, err := trained.Options{Names: p.names, Threads: f.threads, Invert: trained.Invert(f.invert),
		Change: f.device.change}.Open(dir)
	if err != nil {
		return err
	}
	defer m.Close()
	names, err := imageFiles(args, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	images := data.Split{Shape: m.Metadata().Shape}
	inverted := make([]bool, len(names))
	for i, name := range names {
		var one data.Split
		if one, inverted[i], err = fitPicture(cmd, m, name); err != nil {
			return err
		}
		images.Images = append(images.Images, one.Images...)
	}
	predictions, err := m.PredictPixels(cmd.Context(), images)
	if err != nil {
		return err
	}
	for i, name := range names {
		result := prediction{name, inverted[i], m.Top(predictions[i], f.top)}
		if err := result.print(cmd.OutOrStdout(), f.json); err != nil {
			return err
		}
	}
	return nil
}

// prediction is what is printed for an image.
type prediction struct {
	Image    string           `json:"image"`
	Inverted bool             `json:"inverted"` // before classification
	Classes  []trained.Ranked `json:"classes"`
}

func (p prediction) print(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(p)
	}
	_, err := fmt.Fprintf(out, "%s: %s\n", titleOf(p.Image, p.Inverted), rankedText(p.Classes))
	return err
}

// rankedText lists classes with their probabilities.
func rankedText(classes []trained.Ranked) string {
	var guesses []string
	for _, g := range classes {
		guesses = append(guesses, fmt.Sprintf("%s %.4f", g.Class, g.Probability))
	}
	return strings.Join(guesses, ", ")
}

// imageFiles replaces folders by the pictures in them, and says how many other files there are.
func imageFiles(args []string, out io.Writer) ([]string, error) {
	var names []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if arg == "-" || err != nil || !info.IsDir() {
			names = append(names, arg) // a file that cannot be read is an error when it is read
			continue
		}
		before, others := len(names), 0
		err = filepath.WalkDir(arg, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil || entry.IsDir():
			case data.IsPicture(filepath.ToSlash(path)):
				names = append(names, path)
			default:
				others++
			}
			return err
		})
		if err != nil {
			return nil, errors.Wrap(err, "predict")
		}
		if len(names) == before {
			return nil, errors.Errorf("predict: folder %s has no picture (%d other files)", arg, others)
		}
		if others > 0 {
			fmt.Fprintf(out, "%s: %s left out that %s\n", arg, words.Count(others, "file"),
				map[bool]string{true: "is no picture", false: "are no pictures"}[others == 1])
		}
	}
	return names, nil
}
