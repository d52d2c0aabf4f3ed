package job

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// object is an object of JSON with its keys in their order.
type object struct {
	keys   []string
	values map[string]any
}

// areCounts tells whether all values are numbers.
func (o *object) areCounts() bool {
	for _, v := range o.values {
		if _, ok := v.(json.Number); !ok {
			return false
		}
	}
	return true
}

// child returns an object in an object.
func (o *object) child(key string) (*object, error) {
	if c, ok := o.values[key].(*object); ok {
		return c, nil
	}
	return nil, errors.Errorf("want an object %q", key)
}

// maxDepth bounds how deep values stand in each other.
const maxDepth = 64

// decode reads JSON without losing keys that stand there twice, and numbers that are no float64.
func decode(text []byte) (any, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // some editors begin a file with it
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := value(d, 0)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("something stands behind the end")
		}
	}
	if err == io.EOF {
		err = errors.New("it ends too early")
	}
	return v, errors.WithMessage(err, "want JSON")
}

func value(d *json.Decoder, depth int) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	delim, ok := t.(json.Delim)
	if !ok {
		return t, nil
	}
	if depth == maxDepth {
		return nil, errors.Errorf("more than %d values in each other", maxDepth)
	}
	if delim == '[' {
		list := []any{}
		for d.More() {
			v, err := value(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	}
	o := &object{values: map[string]any{}}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		if _, again := o.values[name]; again {
			return nil, errors.Errorf("%q stands there twice", name)
		}
		if o.values[name], err = value(d, depth+1); err != nil {
			return nil, err
		}
		o.keys = append(o.keys, name)
	}
	_, err = d.Token()
	return o, err
}

// wholeNumber returns a count.
func wholeNumber(v any) (int, error) {
	number, ok := v.(json.Number)
	if !ok {
		return 0, errors.New("is no number")
	}
	n, err := strconv.ParseInt(number.String(), 10, 64)
	switch {
	case err != nil:
		return 0, errors.Errorf("is %s, want a whole number: counts, not probabilities", number)
	case n < 0:
		return 0, errors.Errorf("is %d, want at least 0", n)
	}
	return int(n), nil
}

func cutHex(key string) (string, bool) {
	if digits, ok := strings.CutPrefix(key, "0x"); ok {
		return digits, true
	}
	return strings.CutPrefix(key, "0X")
}

func parseHex(digits string) (uint64, error) { return strconv.ParseUint(digits, 16, 60) }
