package data

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// splitNames are what people call the splits, in lower case.
var splitNames = [3][]string{
	{"train", "training", "trn", "tr"},
	{"val", "valid", "validation", "dev", "eval"},
	{"test", "testing", "tst", "t10k"},
}

// splitOf returns which split a word names, in whatever case: 0 training, 1 validation, 2 test.
func splitOf(word string) (split int, ok bool) {
	for i, names := range splitNames {
		if slices.Contains(names, strings.ToLower(word)) {
			return i, true
		}
	}
	return 0, false
}

// What the arrays of an archive and the files of a folder hold, in lower case.
var (
	imageWords = []string{"images", "image", "imgs", "img", "x", "data", "pixels"}
	labelWords = []string{"labels", "label", "y", "targets", "target", "classes"}
)

// role says what a name such as train_images, X_test or y is of: the split, -1 if it says none, and whether
// of labels.
func role(name string) (split int, labels, ok bool) {
	words := strings.FieldsFunc(strings.ToLower(name),
		func(r rune) bool { return strings.ContainsRune("_-. ", r) })
	split = -1
	found := false
	for _, word := range words {
		if s, is := splitOf(word); is && split < 0 {
			split = s
			continue
		}
		isLabel := slices.Contains(labelWords, word)
		if found || !isLabel && !slices.Contains(imageWords, word) {
			return 0, false, false
		}
		found, labels = true, isLabel
	}
	return split, labels, found
}

// skipped counts the files of a folder that are no pictures, by what they are.
type skipped map[string]int

// add counts a file by its name.
func (s skipped) add(name string) {
	base := path.Base(name)
	switch ending := strings.ToLower(path.Ext(base)); {
	case strings.HasPrefix(base, "."):
		s["hidden"]++
	case ending == "":
		s[base]++
	case strings.EqualFold(base, "thumbs.db") || strings.EqualFold(base, "desktop.ini"):
		s[base]++
	default:
		s[ending]++
	}
}

// String says what was skipped: 3 files that are not pictures were left out: 2 hidden, 1 .txt.
func (s skipped) String() string {
	total := 0
	var kinds []string
	for _, kind := range slices.SortedFunc(maps.Keys(s), func(a, b string) int {
		return cmp.Or(cmp.Compare(s[b], s[a]), cmp.Compare(a, b))
	}) {
		total += s[kind]
		kinds = append(kinds, fmt.Sprintf("%d %s", s[kind], kind))
	}
	switch total {
	case 0:
		return ""
	case 1:
		return "1 file that is no picture was left out: " + kinds[0]
	}
	return fmt.Sprintf("%d files that are no pictures were left out: %s", total, list(kinds))
}
