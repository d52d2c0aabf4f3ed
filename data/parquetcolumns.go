package data

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/parquet"
)

// columns are those of a file that make images: the bytes of their files, the paths of these (nil if there
// are none), and their labels.
type columns struct {
	bytes, paths, label *parquet.Column
	classes             []string // names of labels 0, 1, …; nil if nothing says them
}

// feature is what the metadata of a file say of a column, as Hugging Face's library datasets writes them.
type feature struct {
	Type  string   `json:"_type"`
	Names []string `json:"names"`
}

// featuresOf reads the features in the metadata of a file. What cannot be read is as if it were not there: a
// column needs none.
func featuresOf(metadata map[string]string) map[string]feature {
	var info struct {
		Info struct {
			Features map[string]json.RawMessage `json:"features"`
		} `json:"info"`
	}
	if json.Unmarshal([]byte(metadata["huggingface"]), &info) != nil {
		return nil
	}
	features := map[string]feature{}
	for name, text := range info.Info.Features {
		var f feature
		if json.Unmarshal(text, &f) == nil { // a feature may be a list of features, too
			features[name] = f
		}
	}
	return features
}

// What columns of pictures and of labels are called, the likeliest first.
var (
	imageColumns = append([]string{"image", "img", "picture", "photo"}, imageWords...)
	labelColumns = append([]string{"label", "labels", "fine_label", "class", "category"}, labelWords...)
)

// findColumns returns the columns of images and labels: those that are chosen, else those that the features
// say, else those with the usual names, else the only one of its kind. It returns an error that lists the
// columns if none or several could be meant; written is how the set is written.
func findColumns(f *parquet.File, chosen map[string]string, written string) (c columns, err error) {
	features := featuresOf(f.Metadata)
	var pictures, labels, all []string
	for i := range f.Columns {
		name, member, nested := strings.Cut(f.Columns[i].Name, ".")
		bytes := f.Columns[i].Kind == parquet.Bytes && !f.Columns[i].Repeated
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
		if bytes && (member == "bytes" || !nested && !f.Columns[i].Text) {
			pictures = append(pictures, name)
		}
		if !nested || f.Columns[i].Repeated {
			labels = append(labels, name)
		}
	}
	labels = slices.Compact(labels)
	image, err := choose(chosen["image"], pictures, features, "Image", imageColumns)
	if err != nil {
		return c, errors.Errorf("%v; the columns are %s; to choose, write %s:image=COLUMN", err, list(all), written)
	}
	label, err := choose(chosen["label"], labels, features, "ClassLabel", labelColumns)
	if err != nil {
		return c, errors.Errorf("%v; the columns are %s; to choose, write %s:label=COLUMN", err, list(all), written)
	}
	for i := range f.Columns {
		switch column := &f.Columns[i]; column.Name {
		case image, image + ".bytes":
			c.bytes = column
		case image + ".path":
			c.paths = column
		case label:
			c.label = column
		}
	}
	if c.label == nil {
		return c, errors.Errorf("column %s holds lists, want one label for each image", label)
	}
	c.classes = features[label].Names
	return c, checkNames(c.classes)
}

// choose returns which of the names is meant.
func choose(chosen string, names []string, features map[string]feature, kind string, usual []string) (string,
	error) {
	what := map[string]string{"Image": "column of pictures", "ClassLabel": "column of labels"}[kind]
	if chosen != "" {
		if !slices.Contains(names, chosen) {
			return "", errors.Errorf("%q is no %s", chosen, what)
		}
		return chosen, nil
	}
	var said []string
	for _, name := range names {
		if features[name].Type == kind {
			said = append(said, name)
		}
	}
	if len(said) > 0 {
		names = said
	}
	for _, name := range usual {
		if slices.Contains(names, name) {
			return name, nil
		}
	}
	switch {
	case len(names) == 1 && (len(said) == 1 || kind == "Image"):
		return names[0], nil
	case len(said) > 1 || len(names) > 1 && kind == "Image":
		return "", errors.Errorf("each of %s could be the %s", list(names), what)
	}
	return "", errors.Errorf("no %s", what)
}

// checkNames refuses names of classes that do not tell them apart.
func checkNames(names []string) error {
	for i, name := range names {
		if name == "" || slices.Contains(names[:i], name) {
			return errors.Errorf("its metadata call class %d %q, want another name for each", i, name)
		}
	}
	return nil
}
