// Package spec reads and writes configurations as text: a name from a table, then the fields that differ from
// their defaults, as in
//
//	adamw
//	adamw:decay=0.05
//	cross-entropy:smoothing=0.1
//	one-cycle:warmup=200,pct_start=0.4
//
// A field can be set if it has a yaml tag, which is its key. The reading is strict: an unknown name, an
// unknown or repeated key, and a value that is not of the field's type are errors that list what there is.
// Numbers are those that float32 can hold, since most models are trained in it.
package spec

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/single"
	"github.com/hqvit/hqvit/internal/suggest"
)

// Resolve returns the configuration that a text names, from the rows of a table, and the text in its one
// canonical form: keys in the order of the fields, without those that have their default. noun is what the
// table holds, for errors. row takes a row apart: its name, and a function that makes the configuration with
// its defaults.
//
// A configuration with a method Check() error is checked.
func Resolve[T, R any](
	noun, text string, table []R, row func(R) (name string, fresh func() T),
) (value T, canonical string, err error) {
	name, options, _ := strings.Cut(text, ":")
	name = strings.TrimSpace(name)
	var names []string
	var found func() T
	for _, r := range table {
		n, fresh := row(r)
		if n == name {
			found = fresh
		}
		names = append(names, n)
	}
	if found == nil {
		return value, "", errors.Errorf("%s %q%s, want one of %s",
			noun, name, suggest.Among(name, names), strings.Join(names, ", "))
	}
	standard, err := newValue(found)
	if err != nil {
		return value, "", errors.WithMessagef(err, "%s %s", noun, name)
	}
	if value, err = set(standard, options); err != nil {
		return value, "", errors.WithMessagef(err, "%s %s", noun, name)
	}
	if err := check(value); err != nil {
		return value, "", errors.WithMessagef(err, "%s %s", noun, text)
	}
	return value, join(name, differing(value, standard)), nil
}

// newValue calls the function of a row, which a user may have written.
func newValue[T any](fresh func() T) (value T, err error) {
	defer foreign.Recover(&err, "function that makes it", fresh)
	if value = fresh(); foreign.IsNil(value) {
		return value, errors.New("its row makes nothing")
	}
	return value, nil
}

// check calls the method Check of a configuration, if it has one.
func check(value any) (err error) {
	c, ok := value.(interface{ Check() error })
	if !ok {
		return nil
	}
	defer foreign.Recover(&err, "method Check", c)
	return c.Check()
}

// Options lists the keys of a row's configuration with their defaults: "beta1=0.9,beta2=0.999"; "" if it has
// none.
func Options[T any](fresh func() T) string {
	value, err := newValue(fresh)
	if err != nil {
		return ""
	}
	var list []string
	for _, f := range fieldsOf(reflect.ValueOf(value)) {
		list = append(list, f.key+"="+format(f.value))
	}
	return strings.Join(list, ",")
}

func join(name string, options []string) string {
	if len(options) == 0 {
		return name
	}
	return name + ":" + strings.Join(options, ",")
}

// set returns a copy of a configuration with some fields set.
func set[T any](value T, options string) (T, error) {
	if options == "" {
		return value, nil
	}
	original := reflect.ValueOf(value)
	pointer := original.Kind() == reflect.Pointer
	if pointer {
		original = original.Elem()
	}
	changed := reflect.New(original.Type())
	changed.Elem().Set(original)
	seen := map[string]bool{}
	for _, option := range strings.Split(options, ",") {
		key, text, _ := strings.Cut(option, "=")
		key, text = strings.TrimSpace(key), strings.TrimSpace(text)
		if seen[key] {
			return value, errors.Errorf("%s is set twice", key)
		}
		seen[key] = true
		if err := setField(fieldsOf(changed), key, text); err != nil {
			return value, err
		}
	}
	if !pointer {
		changed = changed.Elem()
	}
	return changed.Interface().(T), nil
}

func setField(fields []field, key, text string) error {
	var keys []string
	for _, f := range fields {
		if f.key == key {
			return errors.WithMessage(parse(f.value, text), key)
		}
		keys = append(keys, f.key)
	}
	if len(keys) == 0 {
		return errors.Errorf("it has no options, got %q", key)
	}
	return errors.Errorf("no option %q%s, want one of %s",
		key, suggest.Among(key, keys), strings.Join(keys, ", "))
}

// field is a field of a configuration that can be set.
type field struct {
	key   string
	value reflect.Value
}

func fieldsOf(v reflect.Value) []field {
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	var fields []field
	for i := range v.NumField() {
		key, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if key != "" && key != "-" {
			fields = append(fields, field{key, v.Field(i)})
		}
	}
	return fields
}

func parse(v reflect.Value, text string) error {
	switch v.Kind() {
	case reflect.Float64, reflect.Float32:
		x, err := strconv.ParseFloat(text, v.Type().Bits())
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return errors.Errorf("%q, want a number", text)
		}
		if err := single.Check(x); err != nil {
			return errors.Errorf("%s, %v", text, err)
		}
		v.SetFloat(x)
	case reflect.Int, reflect.Int64, reflect.Int32:
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			return errors.Errorf("%q, want a whole number", text)
		}
		v.SetInt(n)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return errors.Errorf("%q, want true or false", text)
		}
		v.SetBool(text == "true")
	case reflect.String:
		v.SetString(text)
	default:
		return errors.Errorf("a %v cannot be set by a text", v.Type())
	}
	return nil
}

func differing(value, standard any) []string {
	var list []string
	defaults := fieldsOf(reflect.ValueOf(standard))
	for i, f := range fieldsOf(reflect.ValueOf(value)) {
		if text := format(f.value); text != format(defaults[i].value) {
			list = append(list, f.key+"="+text)
		}
	}
	return list
}

func format(v reflect.Value) string {
	if v.CanFloat() {
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
	}
	return fmt.Sprint(v.Interface())
}
