package data

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// utf16Of returns a text in UTF-16, with a mark of its byte order or without.
func utf16Of(text string, little, mark bool) string {
	var out []byte
	units := utf16.Encode([]rune(text))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	for _, u := range units {
		if little {
			out = append(out, byte(u), byte(u>>8))
		} else {
			out = append(out, byte(u>>8), byte(u))
		}
	}
	return string(out)
}

// A file that is no UTF-8 text with usual lines, or a damaged gzip file, is called what it is.
func TestCSVOfOtherForms(t *testing.T) {
	const text = "name,y\nann,1\nbob,2\n"
	whole, many := string(zipped([]byte(text))), strings.Repeat("ann,1\n", 20000)
	for name, c := range map[string]struct{ text, want string }{
		"UTF-16 little":         {utf16Of(text, true, true), "is text in UTF-16, want UTF-8"},
		"UTF-16 big":            {utf16Of(text, false, true), "is text in UTF-16"},
		"UTF-16 without a mark": {utf16Of(text, true, false), "is text in UTF-16"},
		"one byte 0":            {"a,b\n1,2\n1,\x003\n", "line 3 has a byte 0, want text"},
		"UTF-16, compressed":    {string(zipped([]byte(utf16Of(text, true, true)))), "is text in UTF-16"},
		"CR alone":              {strings.ReplaceAll(text, "\n", "\r"), "the lines end with CR alone"},
		"Latin-1 in the header": {"gr\xf6\xdfe,y\n1,2\n", "not in UTF-8"},
		"Latin-1 in a word": {"name,y\n" + many + "j\xf6rg,2\n",
			"t.csv, line 20002: column name is text, but not in UTF-8"},
		"Latin-1 in a class": {"y,name\n" + many + "j\xf6rg,2\n:target=y",
			"column y is text, but not in UTF-8"},
		"Latin-1 near the start":  {"name,y\nann,1\nj\xf6rg,2\n", "the file is text, but not in UTF-8"},
		"gzip with little behind": {whole + "more", "or something was added at its end"},
		"gzip with more behind": {whole + "and more than a header",
			"gzip: behind the compressed text stands something else"},
		"gzip cut short":          {whole[:len(whole)-9], "gzip: the file is cut short"},
		"gzip with a wrong sum":   {whole[:len(whole)-8] + "12345678", "the file is damaged"},
		"gzip with a wrong start": {whole[:2] + "xxxxxxxxxxxx", "the file is damaged"},
	} {
		text, named := strings.CutSuffix(c.text, ":target=y")
		options := ""
		if named {
			options = ":target=y"
		}
		_, err := loadTable(t, map[string]string{"t.csv": text}, "t.csv", options, Options{ValCount: -1})
		t.Run(name, func(t *testing.T) { wantError(t, err, c.want) })
	}
	for name, text := range map[string]string{"CR LF": strings.ReplaceAll(text, "\n", "\r\n"),
		"two gzip members": whole + string(zipped([]byte("cid,3\n"))), "a mark": "\ufeff" + text} {
		set, err := loadTable(t, map[string]string{"t.csv": text}, "t.csv", "", Options{Whole: true})
		if err != nil || set.Train.Len() < 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A row, which a compressed file of some kilobytes can make as long as it likes, is bounded, and so are the
// words that are kept.
func TestCSVBombs(t *testing.T) {
	defer func(old int) { maxRow = old }(maxRow)
	maxRow = 1 << 20
	long := strings.Repeat("x", maxRow+1<<18)
	for name, c := range map[string]struct{ text, want string }{
		"a cell": {"a,y\n1,2\n1," + long + "\n", "behind line 2: a row of more than 1.05 MB"},
		"an open quote": {"a,y\n\"1," + strings.Repeat("2\n1,", maxRow/4+1<<16),
			"is a quotation mark not closed?"},
		"the first line":  {"a," + long + "\n1,2\n", "a row of more than 1.05 MB"},
		"different words": {wordsOf(100, 1<<16), "the different words of the columns"},
	} {
		t.Run(name, func(t *testing.T) {
			content := string(zipped([]byte(c.text)))
			if len(content) > 1<<17 {
				t.Fatalf("%d bytes, want few", len(content))
			}
			bounded(t, len(content), func() {
				_, err := loadTable(t, map[string]string{"t.csv.gz": content}, "t.csv.gz", "", Options{})
				wantError(t, err, c.want)
			})
		})
	}
	fits := "a,y\n1,2\n" + strings.Repeat(" ",
		maxRow-1<<14) + "3,4\n" // and behind it as many rows as there are
	fits += strings.Repeat("5,6\n", maxRow/4)
	set, err := loadTable(t, map[string]string{"t.csv": fits}, "t.csv", "", Options{Whole: true})
	if err != nil || set.Train.Len() != 2+maxRow/4 {
		t.Error(err)
	}
}

// wordsOf returns a table of n rows with a word of so many bytes each.
func wordsOf(n, size int) string {
	var b strings.Builder
	b.WriteString("a,y\n")
	for i := range n {
		fmt.Fprintf(&b, "%d%s,1\n", i, strings.Repeat("x", size))
	}
	return b.String()
}

// Words that only other splits have are no features: in files of their own they are an error, as in any file
// that a model is given, and of rows that were held out here one of each goes back to training.
func TestWordsOfOtherSplits(t *testing.T) {
	const train = "c,n,y\nred,1,0.5\nblue,2,1.5\nred,3,2.5\n"
	for _, name := range []string{"test", "val"} {
		_, err := loadTable(t, map[string]string{"train.csv": train,
			name + ".csv": "c,n,y\nred,1,2\ngreen,1,2\n"},
			"", "", Options{ValCount: -1})
		wantError(t, err, name+".csv",
			`line 3: column c holds "green", want one of the words of training: blue, red`)
	}
	many := "c,n,y\n"
	for i := range 100 {
		many += fmt.Sprintf("%s,%d,%d.5\n", [2]string{"red", "w" + number(float64(i))}[i%10/9], i, i)
	}
	moves := 0
	for seed := range uint64(5) {
		set, err := loadTable(t, map[string]string{"t.csv": many}, "t.csv", "", Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		if n := set.Train.Len() + set.Val.Len() + set.Test.Len(); n != 100 || set.Shape.Channels != 12 {
			t.Fatalf("%d rows of %v", n, set.Shape)
		}
		var sums [12]float32
		for row := range slices.Chunk(set.Train.Floats, 12) {
			for f, v := range row {
				sums[f] += v
			}
		}
		if slices.Contains(sums[:], 0) {
			t.Errorf("seed %d: training has no row with some word: %v", seed, sums)
		}
		const held = 72
		if moved := set.Train.Len() - held; moved > 0 {
			moves += moved
			want := fmt.Sprintf("%d row", moved)
			if !strings.Contains(strings.Join(set.Notes, ";"), want) {
				t.Errorf("seed %d: %d rows were moved, notes %q", seed, moved, set.Notes)
			}
		} else if len(set.Notes) != 1 {
			t.Errorf("seed %d: notes %q", seed, set.Notes)
		}
		for _, s := range set.splits() { // targets have stayed with their rows
			for i, target := range s.Targets {
				if s.Floats[12*i+11] != target-0.5 {
					t.Fatalf("row %v has the target %v", s.Floats[12*i+11], target)
				}
			}
		}
		// The same cut, as a model's table has it.
		again, err := loadTable(t, map[string]string{"t.csv": many}, "t.csv", "",
			Options{Seed: seed, Table: set.Table, Target: set.Target})
		if err != nil || !slices.Equal(again.Test.Floats, set.Test.Floats) {
			t.Errorf("seed %d: another test split for the model's table: %v", seed, err)
		}
	}
	if moves == 0 {
		t.Error("no seed holds a rare word out, so nothing was tried")
	}
	var same bytes.Buffer
	same.WriteString("c,y\n")
	for i := range 40 {
		fmt.Fprintf(&same, "same,%d.5\n", i)
	}
	set, err := loadTable(t, map[string]string{"t.csv": same.String()}, "t.csv", "", Options{})
	if err != nil || set.Test.Len() != 8 || set.Val.Len() != 3 {
		t.Errorf("%d test and %d validation rows, %v", set.Test.Len(), set.Val.Len(), err)
	}
}
