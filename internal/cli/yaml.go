package cli

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
)

// specs are the keys whose text has fields of its own, with an example.
var specs = map[string]string{
	"optimizer": "sgd:momentum=0.9", "schedule": "one-cycle:warmup=100", "loss": "cross-entropy:smoothing=0.1",
}

// readYAML sets the fields of a struct, a pointer to which is given, to what a text in YAML says; the others
// stay. Reading is strict: it returns an error with the line for an unknown key, one that is there twice, a
// value that is not of the field's type or is missing, anything but plain values, a second document, and a
// text without a key.
func readYAML(text []byte, into any) error {
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var wrong interface{ GetToken() *token.Token }
		if errors.As(err, &wrong) && wrong.GetToken() != nil && wrong.GetToken().Position != nil {
			at, where := wrong.GetToken(), ""
			if text := shortened(at.Value); text != "" {
				where = " at " + strconv.Quote(text)
			}
			return errors.Errorf("line %d is not YAML%s, want lines such as epochs: 8", at.Position.Line, where)
		}
		return errors.New("not YAML, want lines such as epochs: 8")
	}
	var body ast.Node
	for _, document := range file.Docs {
		switch b := document.Body.(type) {
		case nil, *ast.CommentGroupNode, *ast.NullNode:
		default:
			if body != nil {
				return errors.Errorf("line %d begins a second document, want one", line(b))
			}
			body = b
		}
	}
	if body == nil {
		return errors.New("there is nothing in it, want lines such as epochs: 8")
	}
	return setStruct(reflect.ValueOf(into).Elem(), body, "")
}

func line(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}

// setStruct sets the fields of a struct; the path is that of its key, empty or ending in a full stop.
func setStruct(v reflect.Value, n ast.Node, path string) error {
	var entries []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	default:
		return wrongValue(n, strings.TrimSuffix(path, "."), "keys with values, such as epochs: 8", line(n))
	}
	keys, fields := yamlFields(v)
	seen := map[string]int{}
	for _, e := range entries {
		key, ok := e.Key.(*ast.StringNode)
		if !ok {
			return errors.Errorf("line %d: the key %s%s, want one such as epochs", line(e.Key), path, e.Key)
		}
		name, at := path+key.Value, line(key)
		if first := seen[key.Value]; first > 0 {
			return errors.Errorf("line %d: %s is given twice, first in line %d", at, name, first)
		}
		seen[key.Value] = at
		i := slices.Index(keys, key.Value)
		if i < 0 {
			return errors.Errorf("line %d: unknown key %q%s; docs/training.md lists the keys",
				at, name, suggest.Among(key.Value, keys))
		}
		if err := setValue(fields[i], e.Value, name, at); err != nil {
			return err
		}
	}
	return nil
}

// yamlFields returns the fields of a struct that have a key, those of embedded structs among them.
func yamlFields(v reflect.Value) (keys []string, fields []reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			inner, values := yamlFields(v.Field(i))
			keys, fields = append(keys, inner...), append(fields, values...)
		case f.IsExported() && key != "-":
			if key == "" {
				key = strings.ToLower(f.Name)
			}
			keys, fields = append(keys, key), append(fields, v.Field(i))
		}
	}
	return keys, fields
}

// setValue sets a field to a value; the name is its key with the path to it, and at its line.
func setValue(v reflect.Value, n ast.Node, name string, at int) error {
	switch v.Kind() {
	case reflect.Pointer: // always to a new value: copies of the config share the old one
		fresh := reflect.New(v.Type().Elem())
		if err := setValue(fresh.Elem(), n, name, at); err != nil {
			return err
		}
		v.Set(fresh)
		return nil
	case reflect.Struct:
		if mapping, ok := n.(ast.MapNode); !ok || mapping == nil {
			return wrongValue(n, name, "keys with values", at)
		}
		return setStruct(v, n, name+".")
	case reflect.Map: // the fields of a custom model, whose types its Catalog has
		mapping, ok := n.(ast.MapNode)
		if !ok || mapping == nil {
			return wrongValue(n, name, "keys with values", at)
		}
		value, err := plainValue(n, name, at)
		if err != nil {
			return err
		}
		v.Set(reflect.ValueOf(value).Convert(v.Type()))
		return nil
	case reflect.Slice:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			return wrongValue(n, name, "a list such as [16, 32]", at)
		}
		all := reflect.MakeSlice(v.Type(), len(list.Values), len(list.Values))
		for i, one := range list.Values {
			if err := setValue(all.Index(i), one, name, at); err != nil {
				return err
			}
		}
		v.Set(all)
		return nil
	}
	if want := setScalar(v, n, name); want != "" {
		return wrongValue(n, name, want, at)
	}
	return nil
}

// wrongValue says what stands in the place of what is wanted.
func wrongValue(n ast.Node, name, want string, at int) error {
	is := ""
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		is = "keys with values"
	case *ast.SequenceNode:
		is = "a list"
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		is = "an anchor, an alias or a tag"
	case nil, *ast.NullNode:
		return errors.Errorf("line %d: %s has no value, want %s", at, name, want)
	case *ast.StringNode:
		is = shortened(`"` + n.Value + `"`)
	default:
		is = shortened(n.String())
	}
	if name == "" {
		return errors.Errorf("line %d is %s, want %s", at, is, want)
	}
	return errors.Errorf("line %d: %s is %s, want %s", at, name, is, want)
}

// shortened returns the beginning of a text in one line.
func shortened(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 60 {
		text = string(runes[:60]) + "…"
	}
	return text
}
