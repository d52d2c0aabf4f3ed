package apitest

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// Pool has values of each type, to be drawn from.
type Pool map[reflect.Type][]reflect.Value

// Add adds values by the types that they have.
func (p Pool) Add(values ...any) {
	for _, v := range values {
		p[reflect.TypeOf(v)] = append(p[reflect.TypeOf(v)], reflect.ValueOf(v))
	}
}

// Put adds values of one type, such as an interface or a function type, nil among them.
func Put[T any](p Pool, values ...T) {
	for _, v := range values {
		p[reflect.TypeFor[T]()] = append(p[reflect.TypeFor[T]()], reflect.ValueOf(&v).Elem())
	}
}

// Draw returns a value of the type; of a struct that has none, one with some fields that are drawn.
func (p Pool) Draw(t *testing.T, r *rand.Rand, typ reflect.Type) reflect.Value {
	t.Helper()
	if choices := p[typ]; len(choices) > 0 {
		return choices[r.IntN(len(choices))]
	}
	if typ.Kind() != reflect.Struct {
		t.Fatalf("no values of type %v", typ)
	}
	v := reflect.New(typ).Elem()
	for i := range typ.NumField() {
		if typ.Field(i).IsExported() && r.IntN(2) == 0 {
			v.Field(i).Set(p.Draw(t, r, typ.Field(i).Type))
		}
	}
	return v
}

// Call calls f, with further arguments behind those given that are drawn. It must not panic, nor return a nil
// pointer without an error. Call returns the results of a call without an error, nil otherwise.
func (p Pool) Call(t *testing.T, r *rand.Rand, name string, f reflect.Value,
	in ...reflect.Value) []reflect.Value {
	t.Helper()
	defer func() {
		if problem := recover(); problem != nil {
			t.Errorf("%s%+v panics: %v", name, in, problem)
		}
	}()
	for i := len(in); i < f.Type().NumIn(); i++ {
		in = append(in, p.Draw(t, r, f.Type().In(i)))
	}
	call := f.Call
	if f.Type().IsVariadic() {
		call = f.CallSlice
	}
	out := call(in)
	if len(out) == 0 {
		return out
	}
	if err, ok := out[len(out)-1].Interface().(error); ok && err != nil {
		return nil
	}
	if first := out[0]; first.Kind() == reflect.Pointer && first.IsNil() {
		t.Errorf("%s%+v returns neither a result nor an error", name, in)
	}
	return out
}

// NoPanic fails if the error of a graph's run is that of a panic of ours, which a node turned into one: an
// error of any other sort is right.
func NoPanic(t *testing.T, name string, err error) {
	t.Helper()
	if err != nil && strings.Contains(err.Error(), ": panic: ") {
		t.Errorf("%s: the run panics: %v", name, err)
	}
}
