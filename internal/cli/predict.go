package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/pretrained"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
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
		Short: "Classify pictures, or predict rows of a table",
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
(inverted). --invert always and --invert never override this.

A model of the columns of a table takes files of comma-separated values in place of images: each
with a header, and with the columns of training in any order. A model of sequences or vectors of a
NumPy archive takes .npy files, (N, steps, features) or (N, features). There is a line for each row:
its class, the probability of each label, or the values in the units of training.`,
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
	cmd.Flags().IntVar(&f.top, "top", 3, "print the `N` most probable classes; of labels, all without it")
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
		Change: f.device.change, Ranks: p.ranks}.Open(dir)
	if err != nil {
		return err
	}
	defer m.Close()
	if !m.Metadata().Config.Pictures() {
		if p.ranks.Size() > 1 && slices.Contains(args, "-") {
			return errNoInput
		}
		return predictNumbers(cmd, m, args, f)
	}
	names, err := imageFiles(args, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	images, inverted, err := fitPictures(cmd, m, p.ranks, names)
	if err != nil {
		return err
	}
	predictions, err := m.PredictPixels(cmd.Context(), images)
	if err != nil {
		return err
	}
	for i, name := range names {
		result := newPrediction(cmd, m, predictions[i], f)
		result.Image, result.Inverted = name, inverted[i]
		if err := result.print(cmd.OutOrStdout(), f.json); err != nil {
			return err
		}
	}
	return nil
}

// prediction is what is printed for an image, or for a row of a file.
type prediction struct {
	Image    string           `json:"image"`
	Row      int              `json:"row,omitempty"` // of the file, from 1; 0: an image
	Inverted bool             `json:"inverted"`      // before classification
	Classes  []trained.Ranked `json:"classes,omitempty"`
	Labels   []trained.Ranked `json:"labels,omitempty"` // all, by falling probability
	Values   []namedValue     `json:"values,omitempty"`
}

// namedValue is a predicted value.
type namedValue struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// newPrediction returns what is printed of a prediction: the most probable classes, all labels unless --top
// is given, or the values.
func newPrediction(cmd *cobra.Command, m *trained.Model, p trained.Prediction,
	f predictFlags) (out prediction) {
	switch m.Metadata().Config.Output {
	case vit.OutputLabels:
		n := len(p.Probabilities)
		if cmd.Flags().Changed("top") {
			n = f.top
		}
		out.Labels = m.Top(p, n)
	case vit.OutputValues:
		for k, v := range p.Values {
			out.Values = append(out.Values, namedValue{m.Classes()[k], v})
		}
	default:
		out.Classes = m.Top(p, f.top)
	}
	return out
}

// predictNumbers predicts the rows of files.
func predictNumbers(cmd *cobra.Command, m *trained.Model, files []string, f predictFlags) error {
	for _, name := range files {
		predictions, err := predictFile(cmd, m, name)
		if err != nil {
			return errors.WithMessage(err, name)
		}
		for i, p := range predictions {
			result := newPrediction(cmd, m, p, f)
			result.Image, result.Row = name, i+1
			if err := result.print(cmd.OutOrStdout(), f.json); err != nil {
				return err
			}
		}
	}
	return nil
}

// predictFile predicts the rows of a table, or the examples of an array.
func predictFile(cmd *cobra.Command, m *trained.Model, name string) ([]trained.Prediction, error) {
	var in io.Reader = cmd.InOrStdin()
	if name != "-" {
		if data.IsPicture(name) {
			return nil, usageError{errors.Errorf("the model is for %s and cannot be given a picture",
				m.Metadata().Config.InputText())}
		}
		file, err := os.Open(name)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		defer file.Close()
		in = file
	}
	if m.Metadata().Table != nil {
		return m.PredictRows(cmd.Context(), in)
	}
	s, err := data.ReadNumbers(in, m.Metadata().Shape)
	if err != nil {
		return nil, err
	}
	return m.PredictPixels(cmd.Context(), s)
}

func (p prediction) print(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(p)
	}
	text, title := rankedText(append(p.Classes, p.Labels...)), titleOf(p.Image, p.Inverted)
	if p.Row > 0 {
		title += fmt.Sprintf(":%d", p.Row)
	}
	if p.Values != nil {
		var values []string
		for _, v := range p.Values {
			values = append(values, fmt.Sprintf("%s %.6g", v.Name, v.Value))
		}
		text = strings.Join(values, ", ")
	}
	_, err := fmt.Fprintf(out, "%s: %s\n", title, text)
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
