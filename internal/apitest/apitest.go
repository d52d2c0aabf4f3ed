// Package apitest tests that no exported function of a package panics on, or silently accepts, the values
// that a user gets wrong: nil, zero values, wrong shapes and ranges. Every exported function has to be tried,
// or to be excused with a reason, so that a new one is not forgotten.
package apitest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// Misuse is one wrong call of an exported function.
type Misuse struct {
	name, what string
	call       func() error
	silent     bool // there is no error to return
}

// Wrong returns a wrong call of a function, or of a method "Type.Method": what is wrong with it, and the
// call, which has to return an error.
func Wrong(name, what string, call func() error) Misuse { return Misuse{name, what, call, false} }

// Harmless is Wrong for a call that has no error to return: it must not panic.
func Harmless(name, what string, call func()) Misuse {
	return Misuse{name, what, func() error { call(); return nil }, true}
}

// Check makes the wrong calls, each of which has to return an error and must not panic. Every exported
// function and method of the package in the folder has to be among them, or among those that are excused,
// with the reason why it cannot be called wrongly: a function without arguments needs no excuse.
func Check(t *testing.T, folder string, calls []Misuse, excused map[string]string) {
	t.Helper()
	tried := map[string]bool{}
	for _, c := range calls {
		tried[c.name] = true
		t.Run(c.name+"/"+c.what, func(t *testing.T) {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("it panics: %v", r)
				}
			}()
			if c.call() == nil && !c.silent {
				t.Error("it is accepted without an error")
			}
		})
	}
	known := map[string]bool{}
	for _, f := range functions(t, folder) {
		name := f.name()
		known[name] = true
		if !tried[name] && excused[name] == "" && (f.Recv != nil || f.Type.Params.NumFields() > 0) {
			t.Errorf("%s is neither called wrongly nor excused", name)
		}
	}
	for name := range excused {
		if !known[name] || tried[name] {
			t.Errorf("%s is excused, and is tried or does not exist", name)
		}
	}
	for name := range tried {
		if !known[name] {
			t.Errorf("%s is tried, and is not an exported function", name)
		}
	}
}

// NilReceivers calls every exported method of nil pointers with zero values as arguments: none may panic.
func NilReceivers(t *testing.T, pointers ...any) {
	t.Helper()
	for _, p := range pointers {
		v := reflect.ValueOf(p)
		if v.Kind() != reflect.Pointer || !v.IsNil() {
			t.Fatalf("%T is no nil pointer", p)
		}
		for i := range v.NumMethod() {
			name := v.Type().Method(i).Name
			t.Run(fmt.Sprintf("nil %T/%s", p, name), func(t *testing.T) {
				defer func() {
					if r := recover(); r != nil {
						t.Errorf("it panics: %v", r)
					}
				}()
				var in []reflect.Value
				for j := range v.Method(i).Type().NumIn() {
					in = append(in, reflect.Zero(v.Method(i).Type().In(j)))
				}
				if v.Method(i).Type().IsVariadic() {
					in = in[:len(in)-1]
				}
				v.Method(i).Call(in)
			})
		}
	}
}

// Prints prints values, such as zero ones, in the usual ways: none may panic on the way.
func Prints(t *testing.T, values ...any) {
	t.Helper()
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%s"} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, "PANIC=") {
				t.Errorf("%T prints by %s as %s", v, verb, text)
			}
		}
	}
}

// Spoilt returns copies of a configuration, a struct, with one of its numbers NaN or −1, by what is wrong.
func Spoilt(config any) map[string]any {
	out := map[string]any{}
	for i := range reflect.TypeOf(config).NumField() {
		v := reflect.New(reflect.TypeOf(config)).Elem()
		v.Set(reflect.ValueOf(config))
		switch f := v.Field(i); {
		case f.CanFloat():
			f.SetFloat(math.NaN())
		case f.CanInt():
			f.SetInt(-1)
		default:
			continue
		}
		name := v.Type().Field(i).Name
		out["wrong "+name] = v.Interface()
	}
	return out
}

// Functions returns the names of the exported functions of the package in a folder, and of the exported
// methods of its exported types, as "Type.Method".
func Functions(t *testing.T, folder string) []string {
	t.Helper()
	var names []string
	for _, f := range functions(t, folder) {
		names = append(names, f.name())
	}
	return names
}

// function is an exported function, or an exported method of an exported type.
type function struct{ *ast.FuncDecl }

func (f function) name() string {
	if f.Recv == nil {
		return f.Name.Name
	}
	return receiverName(f.Recv.List[0].Type) + "." + f.Name.Name
}

func functions(t *testing.T, folder string) []function {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var out []function
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && f.Name.IsExported() &&
				(f.Recv == nil || ast.IsExported(receiverName(f.Recv.List[0].Type))) {
				out = append(out, function{f})
			}
		}
	}
	return out
}

// receiverName returns the name of a receiver's type, without the star and type parameters.
func receiverName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiverName(e.X)
	case *ast.IndexExpr:
		return receiverName(e.X)
	case *ast.IndexListExpr:
		return receiverName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
