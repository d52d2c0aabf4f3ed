// Package foreign guards calls of code that was handed in: layers, data, gates, metrics, callbacks.
package foreign

import (
	"reflect"

	"github.com/pkg/errors"
)

// Recover is deferred by a function that calls v or a method of it, and makes an error of a panic: what v is
// called, such as "layer", its type, and what it says. Printed by %+v the error has the stack.
//
//	defer foreign.Recover(&err, "layer", layer)
//	return layer.Forward(s, x)
//
// A panic of a nil v, such as (*nn.Linear)(nil), is the error that it is nil.
func Recover(err *error, what string, v any) {
	r := recover()
	switch {
	case r == nil:
	case IsNil(v):
		*err = errors.Errorf("the %s is nil (%T)", what, v)
	default:
		*err = errors.Errorf("the %s (%T) panics: %v", what, v, r)
	}
}

// IsNil reports whether v is nil, or a nil pointer, function, map or channel of some type. A nil slice is an
// empty one.
func IsNil(v any) bool {
	if v == nil {
		return true
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Chan:
		return r.IsNil()
	}
	return false
}
