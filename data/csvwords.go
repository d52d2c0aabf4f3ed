package data

import (
	"fmt"
	"slices"

	"github.com/hqvit/hqvit/internal/words"
)

// knowWords brings rows of splits that were cut from the training split back to it, as long as they hold a
// word that no training row has: a feature that is 0 in all of training means nothing to a model. Of a word
// that only rows held out have, the first of them goes back.
func (s *Set) knowWords(held ...*Split) {
	features, isWord := s.Table.Features(), s.Table.wordFeatures()
	known := make([]bool, len(features))
	size := len(features)
	for row := range slices.Chunk(s.Train.Floats, max(size, 1)) {
		for f, v := range row {
			known[f] = known[f] || v == 1
		}
	}
	var names []string
	rows := 0
	for _, from := range held {
		kept, outputs := *from, from.Outputs()
		kept.Floats, kept.Labels, kept.Targets = from.Floats[:0], from.Labels[:0], from.Targets[:0]
		for i := range from.Len() {
			row, to := from.Floats[i*size:][:size], &kept
			for f, v := range row {
				if isWord[f] && v == 1 && !known[f] {
					known[f], to = true, &s.Train
					names = append(names, features[f])
				}
			}
			if to == &s.Train {
				rows++
			}
			to.Floats = append(to.Floats, row...)
			to.Targets = append(to.Targets, from.Targets[i*outputs:][:outputs]...)
			if from.Labels != nil {
				to.Labels = append(to.Labels, from.Labels[i])
			}
		}
		*from = kept
	}
	if rows > 0 {
		verb := map[bool]string{true: "is", false: "are"}[rows == 1]
		s.note(fmt.Sprintf("%s with a word that occurs nowhere else (%s) %s training, not held out",
			words.Count(rows, "row"), list(names), verb))
	}
}

// wordFeatures tells of each feature whether it stands for a word.
func (t *Table) wordFeatures() []bool {
	var is []bool
	for _, c := range t.Columns {
		for range max(1, len(c.Words)) {
			is = append(is, c.Words != nil)
		}
	}
	return is
}
