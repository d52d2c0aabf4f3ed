package cli

import (
	"math"
	"reflect"
	"regexp"
	"strconv"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
	"github.com/pkg/errors"
)

// plainValue returns what a text says as a value of JSON: a number, a text, true or false, a list, or keys
// with values.
func plainValue(n ast.Node, name string, at int) (any, error) {
	switch n := n.(type) {
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, one := range n.Values {
			var err error
			if list[i], err = plainValue(one, name, at); err != nil {
				return nil, err
			}
		}
		return list, nil
	case ast.MapNode:
		values := map[string]any{}
		for entries := n.MapRange(); entries.Next(); {
			key, ok := entries.Key().(*ast.StringNode)
			if !ok {
				return nil, errors.Errorf("line %d: the key %s.%s, want a word", at, name, entries.Key())
			}
			inner := name + "." + key.Value
			if _, twice := values[key.Value]; twice {
				return nil, errors.Errorf("line %d: %s is given twice", line(key), inner)
			}
			value, err := plainValue(entries.Value(), inner, line(key))
			if err != nil {
				return nil, err
			}
			values[key.Value] = value
		}
		return values, nil
	}
	if f, ok := exponent(n); ok {
		return f, nil
	}
	if value := scalar(n); value != nil {
		return value, nil
	}
	return nil, wrongValue(n, name, "a number, a text, true, false or a list", at)
}

// setScalar sets a field to a value, or returns what is wanted instead.
func setScalar(v reflect.Value, n ast.Node, name string) (want string) {
	value := scalar(n)
	switch v.Kind() {
	case reflect.Int:
		if i, ok := value.(int64); ok && !v.OverflowInt(i) {
			v.SetInt(i)
			return ""
		}
		return "a whole number"
	case reflect.Uint64:
		switch i := value.(type) {
		case uint64:
			v.SetUint(i)
			return ""
		case int64:
			if i >= 0 {
				v.SetUint(uint64(i))
				return ""
			}
		}
		return "a whole number of at least 0"
	case reflect.Float64:
		if f, ok := exponent(n); ok {
			value = f
		}
		if f := reflect.ValueOf(value); f.IsValid() && f.CanConvert(v.Type()) && f.Kind() != reflect.String {
			v.Set(f.Convert(v.Type()))
			return ""
		}
		return "a number"
	case reflect.Bool:
		if b, ok := value.(bool); ok {
			v.SetBool(b)
			return ""
		}
		return "true or false"
	}
	if text, ok := value.(string); ok {
		v.SetString(text)
		return ""
	}
	if example := specs[name]; example != "" {
		return "NAME:field=value,..., such as " + example
	}
	return "a text, in quotes if it looks like something else"
}

// scalar returns an int64, uint64, float64, bool or string, or nil for anything else. A whole number above
// those of an int64 is a uint64, all others an int64.
func scalar(n ast.Node) any {
	switch n := n.(type) {
	case *ast.IntegerNode:
		if u, ok := n.Value.(uint64); ok && u <= math.MaxInt64 {
			return int64(u)
		}
		return n.Value
	case *ast.FloatNode:
		return n.Value
	case *ast.InfinityNode:
		return n.Value
	case *ast.NanNode:
		return math.NaN()
	case *ast.BoolNode:
		return n.Value
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	}
	return nil
}

// exponent returns the number of a text such as 1e-5, which YAML 1.2 has without a point, and the parser takes
// for a word.
func exponent(n ast.Node) (float64, bool) {
	text, ok := n.(*ast.StringNode)
	if !ok || text.Token == nil || text.Token.Type != token.StringType || !isExponent.MatchString(text.Value) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text.Value, 64)
	return f, err == nil
}

var isExponent = regexp.MustCompile(`^[-+]?[0-9]+[eE][-+]?[0-9]+$`)
