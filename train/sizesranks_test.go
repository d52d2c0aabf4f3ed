package train

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
)

// Growing pictures give one result on any number of ranks.
func TestGrowingPicturesOverRanks(t *testing.T) {
	split := data.Split{Shape: data.Shape{Height: 8, Width: 8, Channels: 1}}
	for i := range 50 * 64 {
		split.Images = append(split.Images, uint8(i*i*7))
	}
	for i := range 50 {
		split.Labels = append(split.Labels, i*i%3)
	}
	images, err := data.Transform{Size: 8}.Apply(split)
	if err != nil {
		t.Fatal(err)
	}
	run := func(r *Ranks, dir string) (*Report, error) {
		l := shared(r, dir)
		l.Model = nn.Chain{nn.Patches{Size: 2}, nn.Linear{Out: 4}, nn.GELU{}, nn.Dropout{P: 0.2}, nn.MeanPool{},
			nn.Linear{Out: 3}}
		l.Recipe.Loss, l.Recipe.ImageSizes = "", "4,6"
		l.Train, l.Val, l.Test = Images{Images: images, Augment: data.Augment{Shift: 1}},
			Images{Images: images}, nil
		return l.Run(context.Background())
	}
	alone, err := run(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, count := range []int{2, 3} {
		root := t.TempDir()
		reports, errs := together(t, count, func(r *Ranks) (*Report, error) {
			return run(r, filepath.Join(root, "run"))
		})
		for rank, err := range errs {
			if err != nil {
				t.Fatalf("%d ranks, %d: %v", count, rank, err)
			}
			if digestOfBest(t, reports[rank]) != digestOfBest(t, alone) {
				t.Errorf("%d ranks: rank %d has other weights than one process", count, rank)
			}
		}
	}
}
