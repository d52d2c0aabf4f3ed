package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"image"
	"image/png"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/parquettest"
	"github.com/hqvit/hqvit/vit"
)

var update = flag.Bool("update", false, "write the pages of docs with what their commands print")

var (
	console  = regexp.MustCompile("(?s)```console\n(.*?)```")
	headOf   = regexp.MustCompile(` \| (head|tail) -(\d+)$`)
	modules  = regexp.MustCompile(`\S*/(github\.com/petar/)`) // wherever the module cache is
	numbers  = regexp.MustCompile(`-?\d[\d.,]*`)
	spacings = regexp.MustCompile(`\s+`)
	// what depends on the machine and its load: a run that takes long says how far it is
	waiting = regexp.MustCompile(`(?m)^epoch \d+/\d+  step .*\n`)
	timings = regexp.MustCompile(`[\d.,]+ ` +
		`(images/s|s)\b|\b(\d+h)?(\d+m)?\d+s\b|(images_per_s|_us)=[\d.]+|(?m: \d+ \|$)`)
	// 3s on one machine is 1m12s on another.
	durations = regexp.MustCompile(`\b(\d+h)?(\d+m)?\d+s\b`)
)

// answer returns a call and its output as a terminal shows them, without paths of this machine.
func answer(t *testing.T, line string) string {
	t.Helper()
	command, limit := line, 0
	if m := headOf.FindStringSubmatch(line); m != nil {
		command = strings.TrimSuffix(line, m[0])
		limit, _ = strconv.Atoi(m[2])
		if m[1] == "tail" {
			limit = -limit
		}
	}
	var out bytes.Buffer
	(program{}).run(context.Background(), strings.Fields(command)[1:], &out, &out)
	printed := modules.ReplaceAllString(waiting.ReplaceAllString(out.String(), ""), "…/pkg/mod/$1")
	lines := strings.SplitAfter(printed, "\n")
	if limit > 0 && limit < len(lines) {
		lines = lines[:limit]
	}
	// after the last newline there is nothing
	if shown := lines[:len(lines)-1]; limit < 0 && -limit < len(shown) {
		lines = shown[len(shown)+limit:]
	}
	return "$ " + line + "\n" + strings.TrimRight(strings.Join(lines, ""), "\n") + "\n"
}

// withoutFigures leaves out the numbers, which depend on how fast a machine is and how its kernels round.
func withoutFigures(s string) string {
	s = numbers.ReplaceAllString(durations.ReplaceAllString(s, "#s"), "#")
	return spacings.ReplaceAllString(s, " ")
}

// withoutTimings leaves out the figures that differ from one call to the next.
func withoutTimings(s string) string {
	return spacings.ReplaceAllString(timings.ReplaceAllString(s, "#"),
		" ")
}

// answersIn returns the calls of a block, each with its output.
func answersIn(block string) []string {
	var all []string
	for _, line := range strings.SplitAfter(strings.TrimSuffix(block, "```"), "\n") {
		switch {
		case strings.HasPrefix(line, "$ "):
			all = append(all, line)
		case len(all) > 0:
			all[len(all)-1] += line
		}
	}
	return all
}

func TestOnlyTimingsAreKept(t *testing.T) {
	const line = "loss 1.7955  %d images/s  %d.0 s\n[1/4] vit, seed %d: accuracy 0.%d (%d s), ETA %s\n"
	old := fmt.Sprintf(line, 3109, 1, 1, 5, 1, "6s")
	for text, same := range map[string]bool{
		fmt.Sprintf(line, 310, 10, 1, 5, 12, "1m2s"): true,
		fmt.Sprintf(line, 3109, 1, 1, 6, 1, "6s"):    false,
		fmt.Sprintf(line, 3109, 1, 2, 5, 1, "6s"):    false,
	} {
		if (withoutTimings(text) == withoutTimings(old)) != same {
			t.Errorf("%q: want the same as %q: %v", text, old, same)
		}
	}
	block := "```console\n$ a b\nx\ny\n$ c\nz\n```"
	if got := answersIn(block); !slices.Equal(got, []string{"$ a b\nx\ny\n", "$ c\nz\n"}) {
		t.Errorf("%q", got)
	}
}

// digitFile writes the first test image of MNIST, a 7.
func digitFile(t *testing.T) {
	t.Helper()
	set, err := data.Load(t.Context(), "mnist", data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	img := &image.Gray{Pix: set.Test.Images[:28*28], Stride: 28, Rect: image.Rect(0, 0, 28, 28)}
	if err := os.Mkdir("folder", 0o755); err != nil {
		t.Fatal(err)
	}
	savePNG(t, "digit.png", img)
	savePNG(t, "folder/seven.png", img)
}

// pictureFolder writes thirty zeros and thirty ones of MNIST, each class in a folder of its name.
func pictureFolder(t *testing.T) {
	t.Helper()
	set, err := data.Load(t.Context(), "mnist", data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for i, label := range set.Test.Labels {
		name := []string{"zero", "one", ""}[min(label, 2)]
		if name == "" || count[name] == 30 {
			continue
		}
		count[name]++
		if err := os.MkdirAll("pictures/"+name, 0o755); err != nil {
			t.Fatal(err)
		}
		img := &image.Gray{Pix: set.Test.Images[i*28*28 : (i+1)*28*28], Stride: 28,
			Rect: image.Rect(0, 0, 28, 28)}
		savePNG(t, fmt.Sprintf("pictures/%s/%d.png", name, i), img)
	}
}

// otherForms writes the other inputs of docs/data.md: the images as a zip, small sets in IDX and npz, one
// with a NaN, a configuration, and the digit as a scan on paper.
func otherForms(t *testing.T) {
	t.Helper()
	pack := func(path string, files map[string]string) {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, name := range slices.Sorted(maps.Keys(files)) {
			entry, err := w.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := entry.Write([]byte(files[name])); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		write(t, path, b.String())
	}
	pictures := map[string]string{}
	names, err := filepath.Glob("pictures/*/*.png")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pictures[name] = string(content)
	}
	pack("pictures.zip", pictures)
	if err := os.Symlink(strings.TrimPrefix(digits(t), "idx:"), "idx"); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("parquet/data", 0o777); err != nil {
		t.Fatal(err)
	}
	for part, count := range map[string]int{"train": 40, "test": 20} {
		var contents [][]byte
		var labels []int64
		for i, name := range names { // twos of each class in turn
			if i/2%2 == 0 == (part == "train") && len(labels) < count {
				contents = append(contents, []byte(pictures[name]))
				labels = append(labels, int64(strings.Count(name, "one")))
			}
		}
		write(t, "parquet/data/"+part+"-00000-of-00001.parquet", string(parquettest.Write(
			map[string]string{"huggingface": `{"info": {"features": {"label": {"names": ["zero", "one"], "_type": "ClassLabel"}}}}`},
			100, parquettest.Bytes("image.bytes", contents...), parquettest.Ints("label", labels...))))
	}
	array := func(kind, shape string, values []byte) string {
		header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", kind, shape)
		header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
		return "\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), byte(len(header) >> 8)}) + header +
			string(values)
	}
	pixels, labels := make([]byte, 40*28*28), make([]byte, 40)
	for i := range pixels {
		image := i / (28 * 28)
		labels[image] = byte(image % 2)
		pixels[i] = byte(100*(image%2) + i%50)
	}
	small := map[string]string{}
	for _, part := range []string{"train", "val", "test"} {
		small[part+"_images.npy"] = array("|u1", "(40, 28, 28)", pixels)
		small[part+"_labels.npy"] = array("|u1", "(40, 1)", labels)
	}
	pack("small.npz", small)
	real := make([]byte, 0, 4*len(pixels))
	for i := range pixels {
		v := float32(0.5)
		if i == 3*28*28+7 {
			v = float32(math.NaN())
		}
		real = binary.LittleEndian.AppendUint32(real, math.Float32bits(v))
	}
	small["train_images.npy"] = array("<f4", "(40, 28, 28)", real)
	pack("nan.npz", small)
	write(t, "augment.yaml",
		"data: folder:pictures\nmodel: vit\nepochs: 4\nbatch: 16\naugmentation: {shift: 1, rotate: 0.1, "+
			"mixup: 0.2}\n")

	file, err := os.Open("digit.png")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	img, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	paper := image.NewGray(img.Bounds())
	for i, v := range img.(*image.Gray).Pix {
		paper.Pix[i] = 255 - v
	}
	savePNG(t, "paper.png", paper)
}

func TestPagesSayWhatTheProgramPrints(t *testing.T) {
	if raced {
		t.Skip("the transcripts hold the same commands, with less to train")
	}
	whole := func(s string) string { return s }
	for name, comparable := range map[string]func(string) string{
		"cli.md": withoutFigures, "training.md": withoutFigures, "data.md": withoutFigures,
		"devices.md":   withoutFigures,
		"analysis.md":  withoutFigures,
		"resources.md": whole, // nothing on it depends on the machine
		"scaling.md":   whole, // the runs that it predicts from are in the program
	} {
		t.Run(name, func(t *testing.T) { checkPage(t, "../../docs/"+name, comparable) })
	}
}

// reuploading is a program whose input enters two gates, as it stands in docs/analysis.md.
const reuploading = `OPENQASM 3.0;
include "stdgates.inc";
input angle x;
input angle a;
input angle b;
qubit[2] q;
rx(x) q[0]; ry(a) q[0]; cx q[0], q[1];
rx(2 * x) q[0]; ry(b) q[1]; cx q[1], q[0];
`

func checkPage(t *testing.T, relative string, comparable func(string) string) {
	path, err := filepath.Abs(relative)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	t.Setenv("HQVIT_DATA", t.TempDir()) // so that MNIST is that of the module
	digitFile(t)
	pictureFolder(t)
	otherForms(t)
	write(t, "reuploading.qasm", reuploading)
	fresh := console.ReplaceAllStringFunc(string(page), func(block string) string {
		var out strings.Builder
		for _, old := range answersIn(block) {
			call, _, _ := strings.Cut(strings.TrimPrefix(old, "$ "), "\n")
			text := answer(t, call)
			if *update && withoutTimings(text) == withoutTimings(old) {
				text = old
			}
			out.WriteString(text)
		}
		return "```console\n" + out.String() + "```"
	})
	if *update {
		write(t, path, fresh)
		return
	}
	if got, want := comparable(fresh), comparable(string(page)); got != want {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		from := max(0, at-80)
		t.Errorf("%s says …%s\nthe program …%s",
			path, want[from:min(len(want), at+80)], got[from:min(len(got), at+80)])
	}
}

func TestPageHasEveryCommand(t *testing.T) {
	page, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range (program{}).commands() {
		for _, sub := range c.Commands() {
			if name := "hqvit " + c.Name() + " " + sub.Name(); !strings.Contains(string(page), name) {
				t.Errorf("docs/cli.md has no %s", name)
			}
		}
		if !strings.Contains(string(page), "$ hqvit "+c.Name()) {
			t.Errorf("docs/cli.md has no example of hqvit %s", c.Name())
		}
	}
}

// Rungs of the ladder stand in docs/compare.md, published attentions in docs/attentions.md.
func TestPageHasEveryScore(t *testing.T) {
	for _, score := range vit.Scores() {
		name := "compare.md"
		if score.Source != "" {
			name = "attentions.md"
		}
		page, err := os.ReadFile("../../docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), "`"+score.Name+"`") {
			t.Errorf("docs/%s says nothing of the score %s", name, score.Name)
		}
		if _, number, _ := strings.Cut(score.Source, ":"); !strings.Contains(string(page), number) {
			t.Errorf("docs/%s does not have the source of %s, %s", name, score.Name, score.Source)
		}
	}
}
