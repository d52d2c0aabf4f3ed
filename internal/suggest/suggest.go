// Package suggest finds the names that a mistyped one may have meant.
package suggest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hqvit/hqvit/internal/words"
)

// most is how many names are suggested at most.
const most = 3

// Among returns " (did you mean A?)" with the names that are closest to a wrong one, at most three; "" if
// none is close. It goes behind the wrong name in an error: a name is close if few letters are wrong,
// missing, too many or exchanged, or if the wrong one is its beginning.
func Among(wrong string, names []string) string {
	found := closest(wrong, names)
	if len(found) == 0 {
		return ""
	}
	return " (did you mean " + words.List(found, "or") + "?)"
}

// closest returns the names that are close to a wrong one, the closest first, at most three.
func closest(wrong string, names []string) []string {
	type candidate struct {
		name string
		far  int
	}
	var candidates []candidate
	wrong = strings.ToLower(strings.TrimSpace(wrong))
	allowed := min(1+len(wrong)/5, 3)
	for _, name := range names {
		lower := strings.ToLower(name)
		far := distance(wrong, lower)
		if len(wrong) > 1 && strings.HasPrefix(lower, wrong) {
			far = min(far, allowed)
		}
		if far <= allowed && far < len(wrong) && !slices.Contains(candidates, candidate{name, far}) {
			candidates = append(candidates, candidate{name, far})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(a.far, b.far) })
	var found []string
	for _, c := range candidates[:min(len(candidates), most)] {
		found = append(found, c.name)
	}
	return found
}

// distance returns how many letters have to be changed, inserted, left out or exchanged with their neighbour
// to make one text of the other, where no place is touched twice.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 100 || len(y) > 100 { // which no name has
		return max(len(x), len(y))
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			change := rows[i-1][j-1]
			if x[i-1] != y[j-1] {
				change++
			}
			rows[i][j] = min(change, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
