package cli

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"testing"
)

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
			`names that differ in case or in spaces around them were matched: Ant is ant, BEE is bee\n` +
				`.* images=24 loss=\S+ ` + right,
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
			`no image of the model's classes ant, cat\ndata=folder-one split=all images=8 loss=\S+ ` + right +
				`(.|\n)*\nant +– +– +– +\[0 0 0\]\nbee +\d.*\ncat +– `,
		},
		{"eval r --data folder:one --json", done,
			`"precision":\[null,[0-9.]+,null\],"recall":\[null,[0-9.]+,null\]`},
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
			`^folder-old is what the run was trained on.*\ndata=folder-old split=test images=12 `,
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
