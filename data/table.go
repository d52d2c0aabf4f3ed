package data

import (
	"context"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// Info is what is known of a listed set before it is loaded: one row
// of the table of sets.
type Info struct {
	Name    string
	Title   string
	Classes []string
	Target  Target // what Classes are
	Licence string
	Source  string
	Shape
	Train, Val, Test int     // images as published; Val is 0 if none are set apart
	Files            []File  // none: the set is drawn by this package
	Augment          Augment // what suits its images
	Normalize        bool    // whether models validate better on channels of mean 0 and deviation 1
	Remark           string  // what a report must mention beside its figures; may be empty

	holdOut int             // training images for validation, if Val is 0
	places  func() []string // folders that may hold the files, besides the data directory

	// load fills the splits from the contents of Files, decoded where they say so.
	load func(ctx context.Context, set *Set, files [][]byte) error
}

// clone returns a copy that shares no memory with the row of the table.
func (d Info) clone() Info {
	d.Classes, d.Files = slices.Clone(d.Classes), slices.Clone(d.Files)
	for i := range d.Files {
		d.Files[i].URLs = slices.Clone(d.Files[i].URLs)
	}
	return d
}

// File is one file of a listed set.
type File struct {
	Name   string
	URLs   []string // mirrors, in the order in which they are tried; empty: it has to be placed by hand
	Digest string   // "sha256:…" or "md5:…"
	// Set is the set whose file it is, and in whose folder it lies; empty: this one.
	Set string
	// Decoded says that the digest is that of the content after gunzip, so
	// that it holds for any compression of it, and for none.
	Decoded bool
}

// table lists the sets by name: the published ones, and those that are drawn.
var table = append(append(slices.Clip(listed), generatedSets()...), eureka())

// listed are the published sets. A set is a row here; a new format is a new
// load function.
var listed = []Info{
	{
		Name: "mnist", Title: "MNIST", Classes: digits, Shape: grey28,
		Licence: "CC BY-SA 3.0", Source: "http://yann.lecun.com/exdb/mnist",
		Train: 60000, Test: 10000, holdOut: 5000, Augment: forDigits,
		Files: idxFiles([]string{"https://ossci-datasets.s3.amazonaws.com/mnist/",
			"https://storage.googleapis.com/cvdf-datasets/mnist/"},
			"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
			"65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
			"0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
			"ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
		places: mnistModule, load: loadIDX,
	},
	{
		Name: "fashion-mnist", Title: "Fashion-MNIST", Classes: clothes, Shape: grey28,
		Licence: "MIT", Source: "https://github.com/zalandoresearch/fashion-mnist",
		Train: 60000, Test: 10000, holdOut: 5000, Augment: Augment{Flip: true, Crop: 2},
		Files: idxFiles([]string{"https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
			"https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"},
			"c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
			"bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
			"5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
			"0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
		// The folder of Debian's package dataset-fashion-mnist.
		places: func() []string { return []string{"/usr/share/datasets/fashion-mnist"} },
		load:   loadIDX,
	},
	{
		Name: "cifar10", Title: "CIFAR-10", Classes: cifar10, Shape: colour32,
		Licence: "not stated", Source: cifarSource,
		Train: 50000, Test: 10000, holdOut: 5000, Augment: forPhotos, Normalize: true,
		Files: []File{{
			Name:   "cifar-10-binary.tar.gz",
			URLs:   []string{"https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"},
			Digest: "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
		}},
		load: loadCIFAR(1, "test_batch.bin", "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
			"data_batch_4.bin", "data_batch_5.bin"),
	},
	{
		Name: "cifar10-jpeg", Title: "CIFAR-10 (JPEG mirror)", Classes: cifar10, Shape: colour32,
		Licence: "not stated", Source: cifarSource,
		Remark: "all images of CIFAR-10 re-compressed as JPEG, about 30 dB from the original: " +
			"not comparable with figures for CIFAR-10",
		Train: 50000, Test: 10000, holdOut: 5000, Augment: forPhotos, Normalize: true,
		Files: []File{{
			Name:   "cifar10-jpeg.zip",
			Digest: "sha256:0287a3668d9e0d204fc6ffa0e85a171724de09b8aec55d93153b270368489df4",
		}},
		load: func(ctx context.Context, set *Set, files [][]byte) error {
			return loadZip(ctx, set, files[0], Options{})
		},
	},
	{
		Name: "cifar100", Title: "CIFAR-100", Classes: cifar100, Shape: colour32,
		Licence: "not stated", Source: cifarSource,
		Train: 50000, Test: 10000, holdOut: 5000, Augment: forPhotos, Normalize: true,
		Files: []File{{
			Name:   "cifar-100-binary.tar.gz",
			URLs:   []string{"https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"},
			Digest: "sha256:58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
		}},
		load: loadCIFAR(2, "test.bin", "train.bin"),
	},
	medMNIST("PathMNIST", "a8b06965200029087d5bd730944a56c1", 89996, 10004, 7180, colour28, tissues),
	medMNIST("ChestMNIST", "02c8a6516a18b556561a56cbdd36c4a8", 78468, 11219, 22433, grey28, findings).labels(),
	medMNIST("DermaMNIST", "0744692d530f8e62ec473284d019b0c7", 7007, 1003, 2005, colour28, lesions).
		under("CC BY-NC 4.0"),
	medMNIST("OCTMNIST", "c68d92d5b585d8d81f7112f81e2d0842", 97477, 10832, 1000, grey28, retinas),
	medMNIST("PneumoniaMNIST", "28209eda62fecd6e6a2d98b1501bb15f", 4708, 524, 624, grey28,
		[]string{"normal", "pneumonia"}),
	medMNIST("RetinaMNIST", "bd4c0672f1bba3e3a89f0e4e876791e4", 1080, 120, 400, colour28, digits[:5]),
	medMNIST("BreastMNIST", "750601b1f35ba3300ea97c75c52ff8f6", 546, 78, 156, grey28,
		[]string{"malignant", "normal, benign"}),
	medMNIST("BloodMNIST", "7053d0359d879ad8a5505303e11de1dc", 11959, 1712, 3421, colour28, bloodCells),
	medMNIST("TissueMNIST", "ebe78ee8b05294063de985d821c1c34b", 165466, 23640, 47280, grey28, kidneyCells),
	medMNIST("OrganAMNIST", "68e3f8846a6bd62f0c9bf841c0d9eacc", 34561, 6491, 17778, grey28, organs),
	medMNIST("OrganCMNIST", "b9ceb9546e10131b32923c5bbeaea2b1", 12975, 2392, 8216, grey28, organs),
	medMNIST("OrganSMNIST", "9ab87b696fb54e2a387ebe992d6ed5f1", 13932, 2452, 8827, grey28, organs),
}

const cifarSource = "https://www.cs.toronto.edu/~kriz/cifar.html"

var (
	grey28   = Shape{28, 28, 1}
	colour28 = Shape{28, 28, 3}
	colour32 = Shape{32, 32, 3}
)

// idxFiles returns the files of a set in MNIST's form, with the SHA-256
// digests of their decoded contents. A mirror ends where the name follows.
func idxFiles(mirrors []string, digests ...string) []File {
	files := make([]File, len(digests))
	for i, digest := range digests {
		files[i] = File{Name: idxNames[i], Digest: "sha256:" + digest, Decoded: true}
		for _, mirror := range mirrors {
			files[i].URLs = append(files[i].URLs, mirror+idxNames[i])
		}
	}
	return files
}

// medMNIST returns the row of a 2D set of MedMNIST (Yang et al., Scientific
// Data 10, 2023), in its version 3 at 28×28 pixels, with the MD5 digest that
// the medmnist package publishes.
func medMNIST(title, md5 string, train, val, test int, shape Shape, classes []string) Info {
	name := strings.ToLower(title)
	return Info{
		Name: name, Title: title, Classes: classes, Shape: shape,
		Licence: "CC BY 4.0", Source: "https://medmnist.com",
		Train: train, Val: val, Test: test, Augment: Augment{Crop: 2},
		Files: []File{{
			Name:   name + ".npz",
			URLs:   []string{"https://zenodo.org/records/10519652/files/" + name + ".npz?download=1"},
			Digest: "md5:" + md5,
		}},
		load: loadNPZ,
	}
}

// labels returns the row of a set whose images have several labels each.
func (d Info) labels() Info {
	d.Target = TargetLabels
	d.load = func(_ context.Context, set *Set, files [][]byte) error {
		return errors.WithMessage(set.loadNPZ(files[0],
			Options{form: map[string]string{"as": string(TargetLabels)}}), "npz")
	}
	return d
}

func (d Info) under(licence string) Info {
	d.Licence = licence
	return d
}
