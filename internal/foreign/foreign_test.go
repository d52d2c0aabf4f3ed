package foreign_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/foreign"
)

type doubler struct{ by int }

func (d *doubler) double() int { return 2 * d.by }

func double(d *doubler) (n int, err error) {
	defer foreign.Recover(&err, "doubler", d)
	return d.double(), nil
}

func run(f func()) (err error) {
	defer foreign.Recover(&err, "function", f)
	f()
	return nil
}

func TestRecover(t *testing.T) {
	if n, err := double(&doubler{3}); n != 6 || err != nil {
		t.Errorf("%d and %v, want 6", n, err)
	}
	_, err := double(nil)
	if err == nil || err.Error() != "the doubler is nil (*foreign_test.doubler)" {
		t.Errorf("error %v of a nil pointer", err)
	}
	err = run(func() { faulty(nil) })
	if err == nil || !strings.HasPrefix(err.Error(), "the function (func()) panics: runtime error: ") {
		t.Errorf("error %v of a function that panics", err)
	}
	if stack := fmt.Sprintf("%+v", err); !strings.Contains(stack, "foreign_test.faulty") {
		t.Errorf("the stack does not name the function that panics: %s", stack)
	}
}

func faulty(x []int) int { return x[0] }

func TestIsNil(t *testing.T) {
	for _, v := range []any{nil, (*doubler)(nil), (func())(nil), (map[int]int)(nil), (chan int)(nil)} {
		if !foreign.IsNil(v) {
			t.Errorf("%T is not nil", v)
		}
	}
	for _, v := range []any{0, "", doubler{}, &doubler{}, []int(nil), func() {}} {
		if foreign.IsNil(v) {
			t.Errorf("%T is nil", v)
		}
	}
}
