package vit

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/suggest"
)

// Fields are the options of a custom score or architecture in a Config: some of those that its row in the
// Catalog has, by their names in JSON. The others have their defaults.
type Fields map[string]any

// read returns the defaults of a row, a struct, with the fields set, and an error that names a field that the
// row does not have or that has a value of another type, and the error of the method Check() of the struct,
// if it has one.
func (f Fields) read(defaults any) (value any, err error) {
	if defaults == nil {
		if len(f) > 0 {
			return nil, errors.Errorf("fields %s: want none, it has no fields", strings.Join(f.names(), ", "))
		}
		return nil, nil
	}
	known := fieldNames(defaults)
	for _, name := range f.names() {
		if !slices.Contains(known, name) {
			return nil, errors.Errorf("fields: no field %q%s; there are %s", name, suggest.Among(name, known),
				strings.Join(known, ", "))
		}
	}
	v := reflect.New(reflect.TypeOf(defaults))
	v.Elem().Set(reflect.ValueOf(defaults))
	text, err := json.Marshal(f)
	if err != nil {
		return nil, errors.Errorf("fields: %v", err)
	}
	if err := json.Unmarshal(text, v.Interface()); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, errors.Errorf("fields: %s is %v, want %s", wrong.Field, f[wrong.Field], inWords(wrong.Type))
		}
		return nil, errors.Errorf("fields: %v", err)
	}
	return v.Elem().Interface(), checkFieldsOf(v.Interface())
}

// checkFieldsOf calls the method Check of a row's fields, if they have one.
func checkFieldsOf(fields any) (err error) {
	checker, ok := fields.(interface{ Check() error })
	if !ok {
		return nil
	}
	defer foreign.Recover(&err, "fields", fields)
	return errors.WithMessage(checker.Check(), "fields")
}

func (f Fields) names() []string { return slices.Sorted(maps.Keys(f)) }

// changed returns the fields that differ from the defaults, as values of JSON.
func (f Fields) changed(defaults any) Fields {
	got, err := f.read(defaults)
	if err != nil || got == nil {
		return f
	}
	all, usual := asMap(got), asMap(defaults)
	maps.DeleteFunc(all, func(name string, v any) bool { return reflect.DeepEqual(v, usual[name]) })
	if len(all) == 0 {
		return nil
	}
	return all
}

// fieldNames returns the names of a struct's fields in JSON.
func fieldNames(v any) []string { return asMap(v).names() }

// asMap returns a struct as JSON has it.
func asMap(v any) (m Fields) {
	text, err := json.Marshal(v)
	if err == nil {
		json.Unmarshal(text, &m)
	}
	return m
}

// checkDefaults returns an error unless fields of a row can be read and written.
func checkDefaults(defaults any) (err error) {
	if defaults == nil {
		return nil
	}
	defer foreign.Recover(&err, "Fields", defaults)
	if reflect.TypeOf(defaults).Kind() != reflect.Struct {
		return errors.Errorf("Fields is a %T, want a struct with the defaults, or nil", defaults)
	}
	text, err := json.Marshal(defaults)
	if err != nil {
		return errors.Errorf("Fields: %v", err)
	}
	again := reflect.New(reflect.TypeOf(defaults))
	decoder := json.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(again.Interface()); err != nil {
		return errors.Errorf("Fields: %v", err)
	}
	if !reflect.DeepEqual(again.Elem().Interface(), defaults) {
		return errors.Errorf("Fields: %+v is %+v when it is read again from JSON: want exported fields of "+
			"types that JSON has", defaults, again.Elem().Interface())
	}
	settable := 0
	for i := range reflect.TypeOf(defaults).NumField() {
		if f := reflect.TypeOf(defaults).Field(i); f.IsExported() && !f.Anonymous && f.Tag.Get("json") != "-" {
			settable++
		}
	}
	if names := fieldNames(defaults); settable == 0 || len(names) < settable {
		return errors.Errorf("Fields: the %d exported fields of a %T have the names %s in JSON: want one "+
			"for each, and no field without a name", settable, defaults, strings.Join(names, ", "))
	}
	return checkFieldsOf(again.Interface())
}

// Complete returns the Config with all Fields of its score or architecture, those that it leaves out as the
// row has them now: what is stored stays what it is if the row gets other defaults.
func (c Config) Complete() Config {
	c = c.clone()
	var defaults any
	if score, err := c.FindScore(); err == nil && c.Model == Transformer {
		defaults = score.Fields
	}
	if a, ok := c.FindArchitecture(); ok {
		defaults = a.Fields
	}
	if all, err := c.Fields.read(defaults); err == nil && all != nil {
		c.Fields = asMap(all)
	}
	return c
}

// inWords names a type as one who writes a file would.
func inWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number of at least 0"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Slice, reflect.Array:
		return "a list"
	}
	return t.String()
}

// set returns the fields with one more, from text such as 0.5, true or a word.
func (f Fields) set(name, text string) Fields {
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		value = text
	}
	f = maps.Clone(f)
	if f == nil {
		f = Fields{}
	}
	f[name] = value
	return f
}
