package main

import (
	"cmp"
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
)

// predictFlags say what is told of each image.
type predictFlags struct {
	top     int
	json    bool
	threads int
}

func predictCommand() *cobra.Command {
	var f predictFlags
	cmd := &cobra.Command{
		Use:   "predict DIR IMAGE...",
		Short: "Classify PNG and JPEG images",
		Long: `Classify images with the best weights of a run: DIR is its directory, or a file of weights. An IMAGE is a PNG or JPEG file,
a folder (all such files in it and below, by name), or - for standard input.

An image may have any size and may be grey or coloured. It is brought to the size and the channels of the training images:
made smaller if it is larger, its aspect kept, and set in the middle of a black image; transparent pixels are black. It is
not inverted: a model of MNIST expects bright digits on black.`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return runPredict(cmd, args[0], args[1:], f) },
	}
	cmd.Flags().IntVar(&f.top, "top", 3, "classes to tell, the likeliest first")
	cmd.Flags().BoolVar(&f.json, "json", false, "write a line of JSON for each image")
	registerThreads(cmd, &f.threads)
	return cmd
}

func runPredict(cmd *cobra.Command, dir string, args []string, f predictFlags) error {
	if f.top < 1 || f.threads < 1 {
		return usageError{errors.Errorf("top is %d and threads is %d, want at least 1", f.top, f.threads)}
	}
	m, err := openModel(dir, f.threads)
	if err != nil {
		return err
	}
	defer m.Close()
	names, err := imageFiles(args)
	if err != nil {
		return err
	}
	images := data.Split{Shape: m.shape}
	for _, name := range names {
		one, err := readImage(name, m.shape, cmd.InOrStdin())
		if err != nil {
			return err
		}
		images.Images = append(images.Images, one.Images...)
	}
	planes, err := data.Transform{Size: m.architecture.Image}.Apply(images)
	if err != nil {
		return err
	}
	e, err := m.Evaluate(cmd.Context(), planes)
	if err != nil {
		return err
	}
	p := e.Probabilities()
	for i, name := range names {
		if err := tellImage(cmd.OutOrStdout(), name, ranked(p[i*e.Classes:(i+1)*e.Classes], m.classes, f.top), f.json); err != nil {
			return err
		}
	}
	return nil
}

// guess is a class and its probability, in [0,1].
type guess struct {
	Class       string  `json:"class"`
	Probability float64 `json:"probability"`
}

// ranked returns the likeliest classes, the first of equals first.
func ranked(p []float64, classes []string, top int) []guess {
	all := make([]guess, len(p))
	for c := range p {
		all[c] = guess{classes[c], p[c]}
	}
	slices.SortStableFunc(all, func(a, b guess) int { return cmp.Compare(b.Probability, a.Probability) })
	return all[:min(top, len(all))]
}

func tellImage(out io.Writer, name string, guesses []guess, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(struct {
			Image   string  `json:"image"`
			Classes []guess `json:"classes"`
		}{name, guesses})
	}
	var parts []string
	for _, g := range guesses {
		parts = append(parts, fmt.Sprintf("%s %.4f", g.Class, g.Probability))
	}
	_, err := fmt.Fprintf(out, "%s: %s\n", name, strings.Join(parts, ", "))
	return err
}

// imageFiles puts the files of folders in their place.
func imageFiles(args []string) ([]string, error) {
	var names []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if arg == "-" || err != nil || !info.IsDir() {
			names = append(names, arg) // what cannot be read is said when it is read
			continue
		}
		before := len(names)
		err = filepath.WalkDir(arg, func(path string, entry fs.DirEntry, err error) error {
			ending := strings.ToLower(filepath.Ext(path))
			if err == nil && !entry.IsDir() && slices.Contains([]string{".png", ".jpg", ".jpeg"}, ending) {
				names = append(names, path)
			}
			return err
		})
		if err != nil {
			return nil, errors.Wrap(err, "predict")
		}
		if len(names) == before {
			return nil, errors.Errorf("predict: folder %s holds no file that ends in png, jpg or jpeg", arg)
		}
	}
	return names, nil
}

// readImage reads a file, or stdin for "-".
func readImage(name string, shape data.Shape, stdin io.Reader) (data.Split, error) {
	if name != "-" {
		return data.ReadImage(name, shape)
	}
	f, err := os.CreateTemp("", "hqvit-*") // data reads files
	if err != nil {
		return data.Split{}, errors.Wrap(err, "predict")
	}
	defer os.Remove(f.Name())
	if _, err := io.Copy(f, stdin); err != nil {
		f.Close()
		return data.Split{}, errors.Wrap(err, "predict: standard input")
	}
	if err := f.Close(); err != nil {
		return data.Split{}, errors.Wrap(err, "predict: standard input")
	}
	split, err := data.ReadImage(f.Name(), shape)
	if err != nil {
		return split, errors.New(strings.ReplaceAll(err.Error(), f.Name(), "standard input"))
	}
	return split, nil
}
