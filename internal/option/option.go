// Package option makes one row of a setting: from the rows of a program come its flags, the check of their
// values, what identifies a run, and the table in the documentation.
package option

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/internal/single"
)

// Row is a setting.
type Row struct {
	Name    string // key in YAML; the flag has hyphens for underscores
	Value   any    // where it is: *int, *uint64, *float64, *string, *bool or a pflag.Value
	Default any    // of the type that Value points to; nil: its zero value
	Within  Range  // of numbers; the zero Range allows all finite ones
	Single  bool   // a number that float32 has to hold, since it is used in that
	Help    string
	Group   string // of flags, in the help of a command; empty: none
}

// GroupAnnotation is the annotation of a flag that holds the group of its row.
const GroupAnnotation = "group"

// TrainingGroup is the group of the options of a recipe.
const TrainingGroup = "Training"

// list is a text of parts separated by commas, as the value of a flag that can be repeated.
type list struct {
	to    *string
	given bool
}

// List returns the value of a row for parts separated by commas: a flag adds parts to those of the flag
// before it, the first replacing the default.
func List(to *string) pflag.Value { return &list{to: to} }

func (l *list) Set(text string) error {
	if strings.Trim(text, ", ") == "" {
		return errors.New("a text that is not empty")
	}
	if l.given && *l.to != "" {
		text = *l.to + "," + text
	}
	*l.to, l.given = text, true
	return nil
}

func (l *list) String() string {
	if l.to == nil {
		return ""
	}
	return *l.to
}

func (l *list) Type() string { return "list" }

// Append, GetSlice and Replace are those of a pflag.SliceValue.
func (l *list) Append(text string) error { return l.Set(text) }

func (l *list) GetSlice() []string { return strings.Split(*l.to, ",") }

func (l *list) Replace(parts []string) error {
	*l.to, l.given = strings.Join(parts, ","), true
	return nil
}

// Flag returns the name of the row's flag.
func (r Row) Flag() string { return strings.ReplaceAll(r.Name, "_", "-") }

// Range says which numbers a row takes, in words too.
type Range struct {
	words string
	holds func(v float64) bool
}

// AtLeast is the range low and above.
func AtLeast(low float64) Range {
	return Range{fmt.Sprintf("at least %v", low), func(v float64) bool { return v >= low }}
}

// Above is the range of numbers larger than low.
func Above(low float64) Range {
	return Range{fmt.Sprintf("above %v", low), func(v float64) bool { return v > low }}
}

// Between is the range [low, high].
func Between(low, high float64) Range {
	return Range{fmt.Sprintf("[%v,%v]", low, high), func(v float64) bool { return v >= low && v <= high }}
}

// Below is the range [low, high).
func Below(low, high float64) Range {
	return Range{fmt.Sprintf("[%v,%v)", low, high), func(v float64) bool { return v >= low && v < high }}
}

// String returns the range in words: empty for the zero Range.
func (r Range) String() string { return r.words }

// SetDefaults sets each row with a Default to it.
func SetDefaults(rows []Row) {
	for _, r := range rows {
		if r.Default != nil {
			reflect.ValueOf(r.Value).Elem().Set(reflect.ValueOf(r.Default))
		}
	}
}

// Flags binds a flag to each row, with the row's present value as the default.
func Flags(fs *pflag.FlagSet, rows []Row) {
	for _, r := range rows {
		switch v := r.Value.(type) {
		case *int:
			fs.IntVar(v, r.Flag(), *v, r.Help)
		case *uint64:
			fs.Uint64Var(v, r.Flag(), *v, r.Help)
		case *float64:
			fs.Float64Var(v, r.Flag(), *v, r.Help)
		case *string:
			fs.StringVar(v, r.Flag(), *v, r.Help)
		case *bool:
			fs.BoolVar(v, r.Flag(), *v, r.Help)
		case pflag.Value:
			f := fs.VarPF(v, r.Flag(), "", r.Help)
			if v.Type() == "bool" {
				f.NoOptDefVal = "true"
			}
		}
		if f := fs.Lookup(r.Flag()); f != nil && r.Group != "" {
			f.Annotations = map[string][]string{GroupAnnotation: {r.Group}}
		}
	}
}

// Check returns an error for the first row whose number is out of its range, or none of float32 where it has
// to be one.
func Check(rows []Row) error {
	for _, r := range rows {
		var v float64
		switch p := r.Value.(type) {
		case *int:
			v = float64(*p)
		case *float64:
			v = *p
		default:
			continue
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.Errorf("%s is %v, want a finite number", r.Name, v)
		}
		if r.Within.holds != nil && !r.Within.holds(v) {
			return errors.Errorf("%s is %v, want %s", r.Name, v, r.Within)
		}
		if r.Single {
			if err := single.Check(v); err != nil {
				return errors.Errorf("%s is %v, %v", r.Name, v, err)
			}
		}
	}
	return nil
}

// Text returns the row's present value as its flag takes it.
func (r Row) Text() string {
	switch v := r.Value.(type) {
	case *int:
		return strconv.Itoa(*v)
	case *uint64:
		return strconv.FormatUint(*v, 10)
	case *float64:
		return strconv.FormatFloat(*v, 'g', -1, 64)
	case *string:
		return *v
	case *bool:
		return strconv.FormatBool(*v)
	}
	return fmt.Sprint(r.Value)
}

// Texts returns the present values by name: what makes two runs the same or not.
func Texts(rows []Row) map[string]string {
	texts := make(map[string]string, len(rows))
	for _, r := range rows {
		texts[r.Name] = r.Text()
	}
	return texts
}

// Markdown returns the rows, with their present values as defaults, as a table.
func Markdown(rows []Row) string {
	var b strings.Builder
	b.WriteString("| key, flag | default | allowed | meaning |\n|---|---|---|---|\n")
	for _, r := range rows {
		name := "`" + r.Name + "`"
		if r.Flag() != r.Name {
			name += ", `--" + r.Flag() + "`"
		}
		text := r.Text()
		if text != "" {
			text = "`" + text + "`"
		}
		help := strings.NewReplacer("`", "", "|", `\|`).Replace(r.Help)
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, text, r.Within, help)
	}
	return b.String()
}
