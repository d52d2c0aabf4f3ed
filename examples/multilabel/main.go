// Several labels for a picture: one to four handwritten digits stand in the quarters of a picture, and a
// model says which digits are there, of each whether it is. The pictures are written into a NumPy archive in
// the form of ChestMNIST, which the commands take, too; then HQViT learns from it and predicts.
//
//	go run ./examples/multilabel          # 20,000 pictures, in runs/multilabel.npz
//	go run ./examples/multilabel -short   # a few
//	go run ./cmd/hqvit compare --data npz:runs/multilabel.npz --models hqvit,vit-matched,logreg
package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

const side, classes = 28, 10

func main() {
	short := flag.Bool("short", false, "a few pictures only")
	file := flag.String("out", filepath.Join("runs", "multilabel.npz"), "archive to write, unless it is there")
	flag.Parse()
	counts, epochs := [3]int{20000, 2000, 4000}, 8
	if *short {
		counts, epochs = [3]int{400, 100, 100}, 1
	}
	ctx := context.Background()
	if _, err := os.Stat(*file); err != nil {
		digits, err := data.Load(ctx, "mnist", data.Options{})
		check(err)
		var content bytes.Buffer
		archive := zip.NewWriter(&content)
		for i, split := range []struct {
			name string
			data.Split
		}{{"train", digits.Train}, {"val", digits.Val}, {"test", digits.Test}} {
			images, labels := pictures(split.Split, counts[i], uint64(i))
			writeArray(archive, split.name+"_images", images, counts[i], side, side)
			writeArray(archive, split.name+"_labels", labels, counts[i], classes)
		}
		check(archive.Close())
		check(os.MkdirAll(filepath.Dir(*file), 0o777))
		check(os.WriteFile(*file, content.Bytes(), 0o666))
	}

	set, err := data.Load(ctx, "npz:"+*file, data.Options{})
	check(err)
	fmt.Printf("%s: %d training pictures of %v with %d %s\n", *file, set.Train.Len(), set.Shape,
		len(set.Classes), set.Target)
	transform := data.Transform{Size: 32}
	task := train.Task{Loop: train.Loop{Recipe: train.DefaultRecipe()}}
	task.Recipe.Epochs = epochs // its loss is that of labels, bce, and the AUC chooses the best epoch
	task.Train, err = transform.Apply(set.Train)
	check(err)
	task.Val, err = transform.Apply(set.Val)
	check(err)
	task.Test, err = transform.Apply(set.Test)
	check(err)
	config, err := vit.Named("hqvit")
	check(err)
	config.Classes, config.Output = len(set.Classes), vit.OutputLabels
	task.Model, err = vit.New(config)
	check(err)
	report, err := task.Run(ctx)
	check(err)
	for _, f := range report.Test.Figures() {
		fmt.Printf("test %s %s\n", f.Title, f.Value.Text("%.4f"))
	}
	fmt.Printf("first test picture: digits %v; probabilities %.2f\n", present(set.Test.Targets[:classes]),
		report.Test.Probabilities()[:classes])
}

// pictures lays one to four different digits into the quarters of each picture, at half their size, and
// returns the pixels and which digits are there.
func pictures(digits data.Split, n int, seed uint64) (images, labels []uint8) {
	random := rand.New(rand.NewPCG(seed, 1))
	images, labels = make([]uint8, n*side*side), make([]uint8, n*classes)
	for i := range n {
		quarters := random.Perm(4)[:1+random.IntN(4)]
		for _, quarter := range quarters {
			digit := random.IntN(digits.Len())
			label := digits.Labels[digit]
			if labels[i*classes+label] == 1 {
				continue // it is there already
			}
			labels[i*classes+label] = 1
			from, top, left := digits.Images[digit*side*side:], quarter/2*side/2, quarter%2*side/2
			for y := range side / 2 {
				for x := range side / 2 {
					at, sum := 2*y*side+2*x, 0
					for _, v := range []uint8{from[at], from[at+1], from[at+side], from[at+side+1]} {
						sum += int(v)
					}
					images[(i*side+top+y)*side+left+x] = uint8(sum / 4)
				}
			}
		}
	}
	return images, labels
}

// writeArray writes bytes as an array of NumPy (.npy, version 1) into an archive.
func writeArray(archive *zip.Writer, name string, values []uint8, dims ...int) {
	shape := ""
	for _, d := range dims {
		shape += fmt.Sprintf("%d, ", d)
	}
	header := fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }", shape)
	header = fmt.Sprintf("%-117s\n", header)
	w, err := archive.Create(name + ".npy")
	check(err)
	_, err = w.Write(append(binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"),
		uint16(len(header))), header...))
	check(err)
	_, err = w.Write(values)
	check(err)
}

// present lists the labels that are 1.
func present(targets []float32) (digits []int) {
	for k, v := range targets {
		if v == 1 {
			digits = append(digits, k)
		}
	}
	return digits
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
