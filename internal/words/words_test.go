package words

import "testing"

func TestCount(t *testing.T) {
	for want, got := range map[string]string{
		"0 heads": Count(0, "head"), "1 head": Count(1, "head"), "16 patches": Count(16, "patch"),
		"2 trajectories": Count(2, "trajectory"),
		"2 classes":      Count(2, "class"), "1 class": Count(1, "class"), "-1 steps": Count(-1, "step"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestCell(t *testing.T) {
	for want, text := range map[string]string{
		"hqvit-m:cosine, a_b": "hqvit-m:cosine, a_b", `a\|b`: "a|b", `\<b>`: "<b>", `\[x\](y) \*z\*`: "[x](y) *z*",
		"\\`a\\` b": "`a`\nb",
	} {
		if got := Cell(text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestList(t *testing.T) {
	for want, names := range map[string][]string{"": nil, "a": {"a"}, "a or b": {"a", "b"},
		"a, b or c": {"a", "b", "c"}} {
		if got := List(names, "or"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
