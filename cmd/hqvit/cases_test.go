package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
)

// insects writes class folders of 28×28 grey pictures, whose bright third says the class: of ant it is on top,
// of bee in the middle, of cat below. A class may be renamed.
func insects(t *testing.T, dir string, n int, seed uint64, names map[string]string) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 7))
	for third, class := range []string{"ant", "bee", "cat"} {
		if name, ok := names[class]; ok {
			class = name
		}
		if class == "" {
			continue
		}
		if err := os.MkdirAll(filepath.Join(dir, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			img := picture(image.NewGray(image.Rect(0, 0, 28, 28)), third).(*image.Gray)
			for p := range img.Pix {
				img.Pix[p] += uint8(random.IntN(50))
			}
			savePNG(t, fmt.Sprintf("%s/%s/%02d.png", dir, class, i), img)
		}
	}
}

// Evaluation goes by the names of classes, and says what does not match.
func TestEvalGoesByNames(t *testing.T) {
	t.Chdir(t.TempDir())
	insects(t, "old", 20, 1, nil)
	command(t, done,
		"train --data folder:old --model vit --epochs 12 --batch 16 --lr 0.005 --augment=false --out r")
	both := func(dir string, names map[string]string) {
		insects(t, dir+"/train", 8, 2, names)
		insects(t, dir+"/test", 8, 3, names)
	}
	both("renamed", map[string]string{"ant": "zant"})
	both("missing", map[string]string{"ant": ""})
	both("capitals", map[string]string{"ant": "Ant", "bee": "BEE"})
	both("others", map[string]string{"ant": "x", "bee": "y", "cat": "z"})
	insects(t, "fresh", 8, 4, nil)
	insects(t, "one", 8, 5, map[string]string{"ant": "", "cat": ""})
	insects(t, "tests/test", 8, 6, nil)
	numbered := func(path string, labels ...byte) {
		random := rand.New(rand.NewPCG(9, 9))
		var pixels []byte
		for _, label := range labels {
			img := picture(image.NewGray(image.Rect(0, 0, 28, 28)), int(label)).(*image.Gray)
			for _, p := range img.Pix {
				pixels = append(pixels, p+byte(random.IntN(50)))
			}
		}
		n := len(labels)
		npz(t, path, map[string]string{
			"test_images":  array("|u1", fmt.Sprintf("(%d, 28, 28)", n), pixels),
			"test_labels":  array("|u1", fmt.Sprintf("(%d,)", n), labels),
			"train_images": array("|u1", fmt.Sprintf("(%d, 28, 28)", n), pixels),
			"train_labels": array("|u1", fmt.Sprintf("(%d,)", n), labels),
		})
	}
	numbered("numbers.npz", 0, 1, 2, 0, 1, 2)
	numbered("some.npz", 2, 1, 2, 1)
	right := `accuracy=(1\.0000|0\.9\d+)`
	play(t, []call{
		{"eval r --data folder:renamed", done, `^renamed: left out 8 images of what is no class of the ` +
			`model's: zant\nrenamed: no image of the model's class ant\ndata=folder-renamed split=test images=16 loss=\S+ ` + right},
		{
			"eval r --data folder:missing",
			done,
			`missing: no image of the model's class ant\n.* images=16 loss=\S+ ` + right,
		},
		{
			"eval r --data folder:capitals",
			done,
			`names that differ in case only were matched: Ant is ant, BEE is bee\n.* images=24 loss=\S+ ` + right,
		},
		{
			"eval r --data folder:others",
			failed,
			`has the classes x, y, z, none of which is one of the model's: ant, bee, cat\n$`,
		},
		{"eval r --data folder:fresh", done, `^data=folder-fresh split=all images=24 loss=\S+ ` + right},
		{"eval r --data folder:fresh --split test", done, `^data=folder-fresh split=test images=4 `},
		{
			"eval r --data folder:one",
			done,
			`no image of the model's classes ant, cat\ndata=folder-one split=all images=8 loss=\S+ ` + right,
		},
		{"eval r --data folder:tests", done, `^data=folder-tests split=test images=24 loss=\S+ ` + right},
		{"eval r --data folder:renamed --split val", done, `split=val images=`},
		{
			"eval r --data folder:tests --split train",
			failed,
			`no pictures in class folders|none for training`,
		},
		{
			"eval r --data folder:old",
			done,
			`^data=folder-old split=test images=12 `,
		}, // the run's own: not what it trained on
		{"eval r --data folder:./old/", done, `split=test images=12 `},
		{"eval r/best.safetensors --data folder:fresh", done, `split=all images=24 loss=\S+ ` + right},
		{
			"eval r/best.safetensors",
			wrongUsage,
			`best.safetensors is a file: want the directory of a run, or --data`,
		},
		{
			"eval r --data npz:numbers.npz",
			done,
			`labels have no names and were taken as the model's classes in order: 0 is ant, 1 is bee, 2 is cat\n` +
				`.* images=6 loss=\S+ ` + right,
		},
		{
			"eval r --data npz:some.npz",
			done,
			`1 is bee, 2 is cat\n.*: no image of the model's class ant\nwarning: 4 of 4 right may be chance.*\n.* images=4 loss=\S+ ` + right,
		},
	})
	if text := read(t, "r/summary.json"); !regexp.MustCompile(`"classes": \[\s*"ant",\s*"bee",\s*"cat"`).
		MatchString(text) {
		t.Errorf("summary.json names no classes: %s", text)
	}
}

// array returns a .npy file.
func array(kind, shape string, values []byte) string {
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", kind, shape)
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	size := []byte{byte(len(header)), byte(len(header) >> 8)}
	return "\x93NUMPY\x01\x00" + string(size) + header + string(values)
}

// npz writes an archive of arrays.
func npz(t *testing.T, path string, arrays map[string]string) {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range arrays {
		entry, err := w.Create(name + ".npy")
		if err == nil {
			_, err = entry.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, path, b.String())
}

// realArchive writes 20 training images of two classes as float32, from bytes by a function, and the first of
// each class as 0.png and 1.png.
func realArchive(t *testing.T, path string, scaled func(byte) float32) {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 3))
	var values, labels []byte
	for i := range 20 {
		img := picture(image.NewGray(image.Rect(0, 0, 28, 28)), 2*(i%2)).(*image.Gray)
		for p := range img.Pix {
			img.Pix[p] += uint8(random.IntN(50))
			if p == 400 { // black and white occur, as in most data
				img.Pix[p], img.Pix[p+1] = 0, 255
			}
			if p == 401 {
				img.Pix[p] = 255
			}
			values = binary.LittleEndian.AppendUint32(values, math.Float32bits(scaled(img.Pix[p])))
		}
		labels = append(labels, byte(i%2))
		if i < 2 {
			savePNG(t, fmt.Sprintf("%d.png", i), img)
		}
	}
	npz(
		t,
		path,
		map[string]string{
			"train_images": array("<f4", "(20, 28, 28)", values),
			"train_labels": array("|u1", "(20,)", labels),
			"test_images":  array("<f4", "(20, 28, 28)", values),
			"test_labels":  array("|u1", "(20,)", labels),
		},
	)
}

// A model that was trained on real numbers of any scale that is known gets the same numbers from a picture;
// of a scale that is not it says so.
func TestPredictHasTheScaleOfTraining(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		name   string
		scaled func(byte) float32
	}{
		{"bytes", func(v byte) float32 { return float32(v) }},
		{"unit", func(v byte) float32 { return float32(v) / 255 }},
		{"signed", func(v byte) float32 { return float32(v)/127.5 - 1 }},
	} {
		realArchive(t, c.name+".npz", c.scaled)
		command(t, done,
			"train --data npz:"+c.name+".npz --model vit --epochs 30 --batch 8 --augment=false --out "+c.name)
		play(t, []call{
			{"eval " + c.name, done, `accuracy=1\.0000`},
			{
				"predict " + c.name + " 0.png 1.png --top 1",
				done,
				`^0.png: 0 (0\.9\d+|1\.0000)\n1.png: 1 (0\.9\d+|1\.0000)\n$`,
			},
			{
				"eval " + c.name + " --data npz:bytes.npz --split train",
				done,
				`accuracy=1\.0000`,
			}, // whatever its own scale
		})
	}
	realArchive(t, "standard.npz", func(v byte) float32 { return (float32(v) - 80) / 40 })
	play(t, []call{
		{"train --data npz:standard.npz --model logreg --epochs 1 --batch 8 --out standard", done,
			`standard.npz: images hold real numbers from -2 to 4.375: used as they are, and as nothing says which is black`},
		{
			"predict standard 0.png",
			failed,
			`it cannot be given a picture; train it on numbers in 0 to 1 or 0 to 255\n$`,
		},
		{"explain standard 0.png", failed, `it cannot be given a picture`},
		{"eval standard", done, `accuracy=`},
		{"eval standard --data npz:bytes.npz", failed,
			`bytes.npz holds pixels from black to white, and the model was trained on real numbers of an unknown scale`},
		{
			"eval bytes --data npz:standard.npz",
			failed,
			`standard.npz holds real numbers of an unknown scale, and the model was trained on pixels`,
		},
	})
}

// Larger pictures for evaluation are scaled to the size of the training images, as predict scales them.
func TestEvalHasTheSizeOfTraining(t *testing.T) {
	t.Chdir(t.TempDir())
	command(t, done, "train --data "+digits(t)+" --model vit --epochs 8 --batch 16 --lr 0.005 --out r")
	for third := range 3 {
		if err := os.MkdirAll(fmt.Sprint("large/", third), 0o755); err != nil {
			t.Fatal(err)
		}
		savePNG(t, fmt.Sprintf("large/%d/a.png", third),
			picture(image.NewGray(image.Rect(0, 0, 300, 300)), third))
		savePNG(t, fmt.Sprintf("large/%d/b.png", third),
			picture(image.NewRGBA(image.Rect(0, 0, 56, 56)), third))
	}
	stdout, _ := command(t, done, "eval r --data folder:large")
	loss := regexp.MustCompile(`loss=(\S+) accuracy=1\.0000`).FindStringSubmatch(stdout)
	if loss == nil {
		t.Fatal(stdout)
	}
	// The mean of −log p over the same pictures, as predict has p.
	sum := 0.0
	for third := range 3 {
		for _, name := range []string{"a", "b"} {
			out, _ := command(t, done, fmt.Sprintf("predict r large/%d/%s.png --top 1 --json", third, name))
			p := regexp.MustCompile(`"probability":([\d.e-]+)`).FindStringSubmatch(out)
			var v float64
			if _, err := fmt.Sscan(p[1], &v); err != nil {
				t.Fatal(err)
			}
			sum -= math.Log(v) / 6
		}
	}
	var got float64
	if _, err := fmt.Sscan(loss[1], &got); err != nil || math.Abs(got-sum) > 2e-6 {
		t.Errorf("eval has the loss %v, predict %v", got, sum)
	}
}

// What is chosen for the user's data is said, and what comes of it if it is chance.
func TestTrainSaysItsChoice(t *testing.T) {
	set := photographs(t)
	t.Chdir(t.TempDir())
	insects(t, "pics", 8, 1, nil)
	write(t, "pics/ant/notes.txt", "x")
	write(t, "six.yaml", "epochs: 6\n")
	play(t, []call{
		{
			"train --epochs 1 --batch 8 --data " + set,
			done,
			`^hqvit-stem: chosen for \d+ coloured training pictures; --model, --epochs and ` +
				`--batch choose otherwise\n(.|\n)*runs/folder-\d+-hqvit-stem-s1\n$`,
		},
		{
			"train --epochs 1 --data folder:pics --out a",
			done,
			`^hqvit-stem, batches of 16: chosen for 18 grey training pictures; (.|\n)*` +
				`pics: 1 file that is no picture was left out: 1 .txt\n(.|\n)*warning: \d of 4 right is no better than chance`,
		},
		{"train --config six.yaml --data folder:pics --out b", done, `^hqvit-stem: chosen (.|\n)*epoch 6/6`},
		{"train --size s --epochs 1 --data folder:pics --out c", done, `^(pics.*\n)?hqvit on folder-pics`},
		{"train --resume --out a", done, `resuming at the evaluation after epoch 1 of 1`},
		{
			"train --epochs 1 --resume --data " + set,
			done,
			`resuming at the evaluation(.|\n)*hqvit-stem-s1\n$`,
		},
		{"train --data folder:none", failed, `folder:none: .*no such file`},
	})
	if text := read(t, "a/config.yaml"); !strings.Contains(text, "\nmodel: hqvit-stem\n") ||
		!strings.Contains(text, "\nbatch: 16\n") {
		t.Errorf("config.yaml does not hold the choice:\n%s", text)
	}
}

func TestSuits(t *testing.T) {
	grey, colour, large := data.Shape{Height: 28, Width: 28, Channels: 1}, data.Shape{Height: 32, Width: 32, Channels: 3},
		data.Shape{Height: 64, Width: 64, Channels: 1}
	for _, c := range []struct {
		shape         data.Shape
		images        int
		own           bool
		model         string
		epochs, batch int
	}{
		{grey, 60000, false, "hqvit", 0, 0}, // MNIST
		{grey, 60000, true, "hqvit", 0, 0},
		{grey, 400, true, "hqvit-stem", 60, 16},
		{grey, 546, false, "hqvit-stem", 0, 0},
		{colour, 50000, false, "hqvit-stem", 0, 0},
		{colour, 288, true, "hqvit-stem", 83, 16},
		{colour, 20, true, "hqvit-stem", 100, 16},
		{colour, 3000, true, "hqvit-stem", 8, 32},
		{large, 60000, true, "hqvit-stem", 0, 0},
	} {
		got := suits(c.shape, c.images, c.own)
		if got.model != c.model || got.epochs != c.epochs || got.batch != c.batch {
			t.Errorf("%v, %d images, own %v: %+v, want %s, %d epochs, batches of %d", c.shape, c.images, c.own, got,
				c.model, c.epochs, c.batch)
		}
	}
}
