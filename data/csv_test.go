package data

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// loadTable reads files of comma-separated values as a set by the name of one of them, or of their folder for
// "", with options behind it.
func loadTable(t *testing.T, files map[string]string, name, options string, o Options) (*Set, error) {
	t.Helper()
	contents := map[string][]byte{}
	for name, text := range files {
		contents[name] = []byte(text)
	}
	return Load(t.Context(), "csv:"+filepath.Join(write(t, contents), name)+options, o)
}

const animalTable = "legs,colour,weight,kind\n4,grey,3.5,cat\n4, brown ,20,dog\n2,grey,0.1,bird\n4,grey,4,cat\n"

func TestTable(t *testing.T) {
	whole := Options{Whole: true}
	for name, c := range map[string]struct {
		text, options string
		classes       []string
		target        Target
		features      []string
		floats        []float32 // of the first two rows
		labels        []int
		targets       []float32
		note          string
	}{
		"words are classes": {animalTable, "", []string{"bird", "cat", "dog"}, TargetClasses,
			[]string{"legs", "colour=brown", "colour=grey", "weight"}, []float32{4, 0, 1, 3.5, 4, 1, 0, 20},
			[]int{1, 2, 0, 1},
			nil, "3 columns became 4 features"},
		"another target, and a column less": {animalTable, ":target=weight:drop=kind", []string{"weight"},
			TargetValues,
			[]string{"legs", "colour=brown", "colour=grey"}, []float32{4, 0, 1, 4, 1, 0}, nil,
			[]float32{3.5, 20, 0.1, 4},
			"2 columns became 3 features"},
		"few whole numbers are classes": {"a;b\n1;10\n2;-3\n3;10.0\n", "", []string{"-3", "10"},
			TargetClasses, []string{"a"},
			[]float32{1, 2}, []int{1, 0, 1}, nil, "2 different ones: read as classes; as=values reads them " +
				"otherwise"},
		"unless they are said to be values": {"a\tb\n1\t10\n2\t-3\n", ":as=values", []string{"b"}, TargetValues,
			[]string{"a"}, []float32{1, 2}, nil, []float32{10, -3}, ""},
		"several columns of 0 and 1 are labels": {"rain,wind,a\n0,1,5\n1,1,6\n0,0,7\n", ":target=rain,wind",
			[]string{"rain", "wind"}, TargetLabels, []string{"a"}, []float32{5, 6}, nil,
			[]float32{0, 1, 1, 1, 0, 0},
			"read as labels"},
		"several of other numbers are values": {"\ufeffx,y,a\r\n0.5,1,5\r\n1,1,6\r\n", ":target=x,y",
			[]string{"x", "y"},
			TargetValues, []string{"a"}, []float32{5, 6}, nil, []float32{0.5, 1, 1, 1}, ""},
		"quoted cells": {"\"a, b\",\"c\"\n\"1\",\"x \"\"y\"\"\"\n2,z\n", "", []string{`x "y"`, "z"}, TargetClasses,
			[]string{"a, b"}, []float32{1, 2}, []int{0, 1}, nil, ""},
	} {
		set, err := loadTable(t, map[string]string{"t.csv": c.text}, "t.csv", c.options, whole)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		notes := strings.Join(set.Notes, "; ")
		if !slices.Equal(set.Classes, c.classes) || set.Target != c.target ||
			!slices.Equal(set.Table.Features(), c.features) ||
			set.Shape != (Shape{Channels: len(c.features)}) ||
			!slices.Equal(set.Train.Floats[:len(c.floats)], c.floats) ||
			!slices.Equal(set.Train.Labels, c.labels) || !slices.Equal(set.Train.Targets, c.targets) ||
			!strings.Contains(notes, c.note) || c.note == "" && notes != "" {
			t.Errorf("%s: %q %q of %q, rows %v, labels %v, targets %v, notes %q", name, set.Target, set.Classes,
				set.Table.Features(), set.Train.Floats, set.Train.Labels, set.Train.Targets, notes)
		}
	}
}

// Columns are found by name, whatever their order, and a file may be compressed.
func TestTableOfSplits(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write([]byte("y,b,a\n3.5,word,1\n"))
	w.Close()
	set, err := loadTable(t, map[string]string{"train.csv": "a,b,y\n1,word,0.5\n2,other,1.5\n",
		"test.csv.gz": zipped.String(),
		"VAL.CSV":     "b,a,y\nother,4,2.5\n", "notes.txt": "x"}, "", "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(set.Val.Floats, []float32{4, 1, 0}) || !slices.Equal(set.Test.Floats, []float32{1, 0, 1}) ||
		!slices.Equal(set.Test.Targets, []float32{3.5}) || set.Unsplit {
		t.Errorf("val %v, test %v, targets %v", set.Val.Floats, set.Test.Floats, set.Test.Targets)
	}
}

// A file without splits is cut by the seed, and no row is lost.
func TestTableIsCut(t *testing.T) {
	text := strings.Builder{}
	text.WriteString("a,y\n")
	for i := range 100 {
		text.WriteString(number(float64(i)) + "," + number(float64(i)+0.5) + "\n")
	}
	set, err := loadTable(t, map[string]string{"t.csv": text.String()}, "t.csv", "", Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if a, b, c := set.Train.Len(), set.Val.Len(), set.Test.Len(); a != 72 || b != 8 || c != 20 {
		t.Errorf("%d, %d and %d rows", a, b, c)
	}
	seen := map[float32]bool{}
	for _, s := range set.splits() {
		for i, v := range s.Floats {
			if seen[v] || s.Targets[i] != v+0.5 {
				t.Fatalf("row %v with the target %v, or again", v, s.Targets[i])
			}
			seen[v] = true
		}
	}
}

// A class −0 is the class 0.
func TestNegativeZeroIsZero(t *testing.T) {
	set, err := loadTable(t, map[string]string{"t.csv": "a,y\n1,0\n2,-0\n3,1\n4,-0.0\n"}, "t.csv", ":as=classes",
		Options{ValCount: -1, Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(set.Classes, set.Train.Labels, set.Test.Labels); !strings.Contains(got, "[0 1]") ||
		!strings.Contains(got, "[0 0 1 0]") {
		t.Errorf("classes and labels %s", got)
	}
}

func TestWrongTables(t *testing.T) {
	many := "a,y\n"
	for i := range maxWords + 1 {
		many += "w" + number(float64(i)) + ",1\n"
	}
	for name, c := range map[string]struct {
		text, options string
		want          []string
	}{
		"missing value": {"age,y\n1,2\n,3\n", "",
			[]string{"t.csv, line 3: column age holds no value", "drop=age"}},
		"word for none":  {"age,y\n1,2\nNA,3\n", "", []string{`line 3: column age holds no value ("NA")`}},
		"missing target": {"age,y\n1,2\n2,?\n", "", []string{"line 3: column y holds no value"}},
		"numbers and words": {"age,y\n1,2\nx,3\n", "",
			[]string{"column age holds numbers and words (t.csv, line 3"}},
		"decimal commas":       {"a;y\n1,5;2\n2,5;3\n", "", []string{"decimal comma"}},
		"too many words":       {many, "", []string{"more than 256 different words", "drop=a"}},
		"cells of a row":       {"a,y\n1,2\n1,2,3\n", "", []string{"3 cells, want 2"}},
		"no header":            {"1,2\n3,4\n", "", []string{"the first line holds the number 1"}},
		"names twice":          {"a,a\n3,4\n", "", []string{`column 2 of the first line is called "a"`}},
		"no name":              {"a,\n3,4\n", "", []string{`column 2 of the first line is called ""`}},
		"empty":                {"", "", []string{"the file is empty"}},
		"no rows":              {"a,y\n", "", []string{"no rows"}},
		"one column":           {"y\n1\n2\n", "", []string{"no column is left for features"}},
		"no such target":       {"age,y\n1,2\n", ":target=agee", []string{`no column "agee" (did you mean age?)`}},
		"no such column":       {"age,y\n1,2\n", ":drop=z", []string{`no column "z"`}},
		"target left out":      {"age,y\n1,2\n", ":target=y:drop=y", []string{"column y is named twice"}},
		"two columns of words": {"a,b,c\n1,x,y\n", ":target=b,c", []string{"hold words, want numbers"}},
		"classes of two": {"a,b,c\n1,2,3\n", ":target=b,c:as=classes",
			[]string{"classes stand in one column"}},
		"labels of numbers": {"a,b\n1,2\n1,0\n", ":as=labels", []string{"more than 0 and 1"}},
		"values of words":   {"a,b\n1,x\n", ":as=values", []string{"hold words"}},
		"as what": {"a,b\n1,2\n", ":as=regression",
			[]string{"want as=classes, as=labels or as=values"}},
		"no such option": {"a,b\n1,2\n", ":targets=b",
			[]string{`no option "targets" (did you mean target?)`}},
		"option twice": {"a,b\n1,2\n", ":target=b:target=b", []string{"given twice"}},
		"a picture":    {string(pngFile(2, 2, red)), "", []string{"the file is"}},
		"beyond float32": {"a,y\n1,2\n1e39,3\n", "",
			[]string{"line 3: column a holds 1e39", "beyond float32"}},
		"all beyond float32": {"a,y\n1e39,2\n2e40,3\n", "", []string{"line 2: column a holds 1e39", "drop=a"}},
		"targets beyond":     {"a,y\n1,2e99\n2,3\n", "", []string{"line 2: column y holds 2e99"}},
		"classes beyond 2^53": {"a,y\n1,9007199254740992\n2,9007199254740993\n", ":as=classes",
			[]string{"not told apart"}},
		"infinity": {"a,y\n1,2\nInfinity,3\n", "", []string{`column a holds no value ("Infinity")`}},
	} {
		_, err := loadTable(t, map[string]string{"t.csv": c.text}, "t.csv", c.options, Options{ValCount: -1})
		t.Run(name, func(t *testing.T) { wantError(t, err, c.want...) })
	}
	_, err := loadTable(t, map[string]string{"a.csv": "a,y\n1,2\n"}, "", "", Options{})
	wantError(t, err, "no train.csv")
	_, err = loadTable(t, map[string]string{"train.csv": "a,y\n1,2\n", "test.csv": "b,y\n1,2\n"}, "", "",
		Options{})
	wantError(t, err, `test.csv: no column "a"`)
}

// What is more than there is memory for is refused before it is read.
func TestTableBeyondMemory(t *testing.T) {
	defer func(old func() int64) { setMemory = old }(setMemory)
	setMemory = func() int64 { return 100 }
	_, err := loadTable(t, map[string]string{"t.csv": "a,b,y\n" + strings.Repeat("1,2,3\n", 20)}, "t.csv", "",
		Options{})
	wantError(t, err, "more than the 100 bytes of memory")
}

// A model's table reads another file as its own: by names, with its words, its target as it was.
func TestTableOfAModel(t *testing.T) {
	first, err := loadTable(t, map[string]string{"t.csv": animalTable}, "t.csv", ":target=weight",
		Options{Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	again := Options{Whole: true, Table: first.Table, Target: TargetValues}
	set, err := loadTable(t, map[string]string{"u.csv": "kind,weight,colour,legs,more\ncat,3,brown,4,z\n"},
		"u.csv", "", again)
	if err != nil || !slices.Equal(set.Train.Floats, []float32{4, 1, 0, 0, 1, 0}) ||
		!slices.Equal(set.Train.Targets, []float32{3}) || set.Target != TargetValues {
		t.Errorf("%+v, %v", set, err)
	}
	_, err = loadTable(t, map[string]string{"u.csv": "kind,weight,colour,legs\nfish,3,brown,4\n"}, "u.csv",
		"", again)
	wantError(t, err, `line 2: column kind holds "fish"`, "bird, cat, dog")
	rows, err := ReadRows(strings.NewReader("legs,kind,colour\n3,dog,grey\n"), first.Table)
	if err != nil || !slices.Equal(rows.Floats, []float32{3, 0, 1, 0, 0, 1}) || rows.Targets != nil {
		t.Errorf("%+v, %v", rows, err)
	}
	_, err = ReadRows(strings.NewReader("legs,kind,colour\n3,dog,\n"), first.Table)
	wantError(t, err, "data: line 2: column colour holds no value")
}

func FuzzCSV(f *testing.F) {
	for _, text := range []string{animalTable, "a;b\n1;2\n", "\ufeffa,b\r\n1,x\r\n", "a,b\n1,\n",
		"a,b\n\"1\n2\",3\n", "a\n1\n"} {
		f.Add(text, "")
	}
	f.Add("rain,wind,a\n0,1,5\n", ":target=rain,wind")
	f.Fuzz(func(t *testing.T, text, options string) {
		path := filepath.Join(write(t, map[string][]byte{"t.csv": []byte(text)}), "t.csv")
		k := kind{name: "csv", load: loadCSV, options: []string{"target", "drop", "as"}}
		rest, form, err := k.parse(path + options)
		if err != nil || rest != path {
			return
		}
		bounded(t, len(text), func() {
			set := &Set{}
			err := loadCSV(t.Context(), set, path, Options{Whole: true, form: form})
			if err != nil {
				return
			}
			if set.Train.Len() > 0 {
				if err := set.check(); err != nil {
					t.Errorf("%q is read as a set that is not sound: %v", text, err)
				}
			}
			for _, v := range set.Train.Floats {
				if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
					t.Errorf("%q holds %v", text, v)
				}
			}
			if set.Table.width() != len(set.Table.Features()) {
				t.Errorf("%d features called %q", set.Table.width(), set.Table.Features())
			}
		})
	})
}
