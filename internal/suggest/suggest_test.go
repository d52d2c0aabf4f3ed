package suggest

import "testing"

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"kitten", "sitting", 3}, {"train", "trian", 1},
		{"ca", "abc", 3}, {"äb", "ab", 1}, // no place twice: 3 and not 2
	} {
		for _, got := range []int{distance(c.a, c.b), distance(c.b, c.a)} {
			if got != c.want {
				t.Errorf("%q and %q: %d, want %d", c.a, c.b, got, c.want)
			}
		}
	}
}

func TestAmong(t *testing.T) {
	names := []string{"hqvit", "hqvit-m", "hqvit-s", "hqvit-stem", "vit", "logreg", "fashion-mnist", "mse"}
	for wrong, want := range map[string]string{
		"":         "",
		"x":        "",
		"cat":      "",
		"mes":      " (did you mean mse?)",
		"LogReg":   " (did you mean logreg?)",
		"fashion":  " (did you mean fashion-mnist?)",
		"hqvit-x":  " (did you mean hqvit-m, hqvit-s or hqvit?)",
		"hqvt":     " (did you mean hqvit?)",
		"logistic": "",
	} {
		if got := Among(wrong, names); got != want {
			t.Errorf("%q: %q, want %q", wrong, got, want)
		}
	}
}
