package cli

import (
	"encoding/binary"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

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
