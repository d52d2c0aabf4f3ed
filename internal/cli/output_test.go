package cli

import (
	"image"
	"os"
	"testing"
)

// No command writes over a file that is not of the kind that it makes, nor over what it reads.
func TestNothingIsOverwrittenUnasked(t *testing.T) {
	withRun(t, "vit")
	savePNG(t, "digit.png", picture(image.NewGray(image.Rect(0, 0, 28, 28)), 0))
	savePNG(t, "old.png", picture(image.NewGray(image.Rect(0, 0, 28, 28)), 0))
	write(t, "notes.svg", "call the dentist")
	write(t, "notes.txt", "call the dentist")
	write(t, "notes.png", "call the dentist")
	write(t, "recipe.yaml", "model: hqvit\n")
	write(t, "notes.onnx", "\x08\x08\x12\x07pytorch")
	write(t, "empty.svg", "")
	for to, from := range map[string]string{"linked.png": "digit.png", "recipe.svg": "recipe.yaml",
		"linked.onnx": "a/best.safetensors"} {
		if err := os.Symlink(from, to); err != nil {
			t.Skip(err)
		}
	}
	if err := os.Link("digit.png", "hard.png"); err != nil {
		t.Skip(err)
	}
	if err := os.Mkdir("folder.svg", 0o755); err != nil {
		t.Fatal(err)
	}
	kept := map[string]string{}
	for _, name := range []string{"digit.png", "notes.svg", "notes.txt", "notes.png", "notes.onnx",
		"recipe.yaml"} {
		kept[name] = read(t, name)
	}
	play(t, []call{
		{"ledger --svg notes.svg", wrongUsage, `^hqvit: --svg notes.svg: the file that is there is not an SVG ` +
			`file, and is not replaced: want another name\n$`},
		{"ledger --svg notes.txt", wrongUsage, `^hqvit: --svg notes.txt: want a name that ends in .svg\n$`},
		{"ledger --svg folder.svg", wrongUsage, `that is no file`},
		{"ledger recipe.yaml --svg recipe.svg", wrongUsage,
			`^hqvit: --svg recipe.svg: that is recipe.yaml, which is read: want another file\n$`},
		{"ledger --svg empty.svg", done, `empty.svg\n$`},
		{"ledger --svg empty.svg", done, `empty.svg\n$`}, // now one of ours
		{"explain a digit.png --out digit.png", wrongUsage,
			`^hqvit: --out digit.png: that is digit.png, which is read: want another file\n$`},
		{"explain a digit.png --out linked.png", wrongUsage, `that is digit.png, which is read`},
		{"explain a digit.png --out hard.png", wrongUsage, `that is digit.png, which is read`},
		{"explain a digit.png --out notes.png", wrongUsage, `is not a PNG file, and is not replaced`},
		{"explain a digit.png --out notes.txt", wrongUsage, `want a name that ends in .png or .svg`},
		{"explain a digit.png --out none/a.png", wrongUsage, `there is no folder none`},
		{"explain a digit.png --out old.png", done, `old.png\n$`},
		{"export a notes.onnx", wrongUsage, `^hqvit: export: notes.onnx: the file that is there is not a file of ` +
			`hqvit export, and is not replaced: want another name\n$`},
		{"export a/best.safetensors a/best.safetensors", wrongUsage, `want a name that ends in .onnx`},
		{"export a linked.onnx", wrongUsage, `that is a/best.safetensors, which is read`},
		{"export a new.onnx", done, `^new.onnx: vit of `},
		{"export a new.onnx --attention", done, `blocks.1.attn.attention`}, // now one of ours
	})
	for name, want := range kept {
		if read(t, name) != want {
			t.Errorf("%s has been written over", name)
		}
	}
}

// A page is known by what hqvit report writes; any other Markdown is somebody's own.
func TestPageIsReplacedOnlyByAPage(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "README.md", "# My project\n")
	write(t, "results.md", "# Results\n\n## Studies\n\nThere is no study here yet.\n")
	for path, ok := range map[string]bool{"README.md": false, "results.md": true, "new.md": true,
		"a.html": false} {
		if err := checkOutput("page", path, nil, pageFile); (err == nil) != ok {
			t.Errorf("%s: %v", path, err)
		}
	}
}
