package data

// Description is what is known of a listed set before it is loaded: one row
// of the table of sets.
type Description struct {
	Name    string
	Title   string
	Classes []string
	Licence string
	Source  string
	Shape
	Train, Val, Test int // images as published; Val is 0 if none are set apart
	Files            []File
	Augment          Augment // what suits its images
	Remark           string  // what a report has to say with its figures; may be empty

	holdOut int                                  // training images for validation, if Val is 0
	places  func() []string                      // folders that may hold the files, besides the data directory
	load    func(set *Set, files [][]byte) error // fills the splits from Files, decoded where they say so
}

// File is one file of a listed set.
type File struct {
	Name   string
	URLs   []string // mirrors, in the order in which they are tried; empty: it has to be placed by hand
	Digest string   // "sha256:…" or "md5:…"
	// Decoded says that the digest is that of the content after gunzip, so
	// that it holds for any compression of it, and for none.
	Decoded bool
}

var table = []Description{
	{
		Name: "mnist", Title: "MNIST", Classes: digits, Shape: Shape{28, 28, 1},
		Licence: "CC BY-SA 3.0", Source: "http://yann.lecun.com/exdb/mnist",
		Train: 60000, Test: 10000, holdOut: 5000, Augment: forDigits,
		Files: idxFiles("https://ossci-datasets.s3.amazonaws.com/mnist/",
			"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
			"65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
			"0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
			"ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
		places: mnistModule, load: loadIDX,
	},
}

var digits = []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}

// idxFiles returns the files of a set in MNIST's form, with the SHA-256
// digests of their decoded contents.
func idxFiles(mirror string, digests ...string) []File {
	files := make([]File, len(digests))
	for i, digest := range digests {
		files[i] = File{Name: idxNames[i], URLs: []string{mirror + idxNames[i]}, Digest: "sha256:" + digest, Decoded: true}
	}
	return files
}
