package data

import (
	"archive/zip"
	"bytes"
	"context"
	"image"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"
)

// loadFolder fills a set from a folder, or a zip file of one, that holds
//
//	train/CLASS/*.png, test/CLASS/*.png, perhaps val/CLASS/*.png; or
//	CLASS/*.png, and then a fifth of each class becomes the test split.
//
// The classes are the folders of the training split in the order of their
// names. Files that do not end in png, jpg or jpeg are skipped. An archive that
// is the file of a listed set takes that set's title.
func loadFolder(ctx context.Context, set *Set, dir string, o Options) error {
	if strings.EqualFold(filepath.Ext(dir), ".zip") {
		content, err := os.ReadFile(dir)
		if err != nil {
			return errors.WithStack(err)
		}
		for _, d := range table {
			if len(d.Files) == 1 && d.Files[0].Digest == "sha256:"+digest("sha256", content) {
				set.Title, set.Licence, set.Source = d.Title, d.Licence, d.Source
			}
		}
		return loadZip(ctx, set, content, o)
	}
	if info, err := os.Stat(dir); err != nil {
		return errors.WithStack(err)
	} else if !info.IsDir() {
		return errors.New("not a folder or a zip file")
	}
	return imageFolder{FS: os.DirFS(dir), options: o}.load(ctx, set)
}

func loadZip(ctx context.Context, set *Set, content []byte, o Options) error {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return errors.WithMessage(err, "zip")
	}
	return imageFolder{FS: archive, options: o, archive: len(content)}.load(ctx, set)
}

// imageFolder reads images from a folder on disk or in an archive.
type imageFolder struct {
	fs.FS
	options Options
	archive int // size of the archive in bytes, which bounds what it may expand to; 0: a folder on disk
}

// labelled is an image file and the index of its class.
type labelled struct {
	path  string
	label int
}

func (f imageFolder) load(ctx context.Context, set *Set) error {
	root, err := f.root()
	if err != nil {
		return err
	}
	parts := []*Split{&set.Train, &set.Val, &set.Test}
	names := [][]string{{"train"}, {"val", "valid", "validation"}, {"test"}}
	files := make([][]labelled, len(parts))
	if !f.isDir(path.Join(root, "train")) {
		names, files = names[:1], files[:1]
		names[0] = []string{""}
	}
	for i := range files {
		for _, name := range names[i] {
			if dir := path.Join(root, name); f.isDir(dir) {
				if files[i], err = f.list(dir, &set.Classes); err != nil {
					return err
				}
			}
		}
	}
	if len(files[0]) == 0 {
		return errors.New("no PNG or JPEG files, want a folder of them for each class: PATH/CLASS/1.png")
	}
	if len(files) == 1 {
		files = f.holdOutTest(files[0], len(set.Classes))
	}
	shape, err := f.shape(slices.Concat(files...))
	if err != nil {
		return err
	}
	for i, split := range parts {
		if *split, err = f.read(ctx, files[i], shape); err != nil {
			return err
		}
	}
	return nil
}

// root returns the folder that holds the splits or the classes. If the top
// level holds just one folder, as archives often do, it is that folder.
func (f imageFolder) root() (string, error) {
	dirs, err := f.dirs(".")
	if err != nil {
		return "", err
	}
	if len(dirs) == 1 && dirs[0] != "train" {
		if inner, err := f.dirs(dirs[0]); err == nil && len(inner) > 0 {
			return dirs[0], nil
		}
	}
	return ".", nil
}

func (f imageFolder) isDir(name string) bool {
	info, err := fs.Stat(f, name)
	return err == nil && info.IsDir()
}

// dirs returns the folders in a folder, without hidden ones.
func (f imageFolder) dirs(dir string) ([]string, error) {
	entries, err := fs.ReadDir(f, dir)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var names []string
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "__") && f.isDir(path.Join(dir, name)) {
			names = append(names, name)
		}
	}
	return names, nil
}

// list returns the image files of a split. The first split that is listed
// names the classes.
func (f imageFolder) list(dir string, classes *[]string) ([]labelled, error) {
	names, err := f.dirs(dir)
	if err != nil {
		return nil, err
	}
	if *classes == nil {
		*classes = names
	}
	var files []labelled
	for _, name := range names {
		label := slices.Index(*classes, name)
		if label < 0 {
			return nil, errors.Errorf("%s: class %q is not one of the training split's", dir, name)
		}
		entries, err := fs.ReadDir(f, path.Join(dir, name))
		if err != nil {
			return nil, errors.WithStack(err)
		}
		for _, entry := range entries {
			switch strings.ToLower(path.Ext(entry.Name())) {
			case ".png", ".jpg", ".jpeg":
				files = append(files, labelled{path.Join(dir, name, entry.Name()), label})
			}
		}
	}
	return files, nil
}

// holdOutTest sets a fifth of each class apart as the test split.
func (f imageFolder) holdOutTest(files []labelled, classes int) [][]labelled {
	labels := make([]int, len(files))
	for i, file := range files {
		labels[i] = file.label
	}
	split := make([][]labelled, 3)
	for i, chosen := range stratified(labels, classes, len(files)/5, f.options.Seed) {
		to := 0
		if chosen {
			to = 2
		}
		split[to] = append(split[to], files[i])
	}
	return split
}

// content reads a file without trusting the size that the archive declares.
func (f imageFolder) content(name string) ([]byte, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, errors.WithStack(err)
	}
	limit := int(info.Size())
	if f.archive > 0 {
		limit = expandLimit(f.archive)
	}
	content, err := readBounded(file, int(min(info.Size(), 1<<16)), limit)
	return content, errors.WithMessage(err, name)
}

// shape returns the common shape of the images: that of the options, else
// the size of the first image, and 1 channel if all images are grey.
func (f imageFolder) shape(files []labelled) (Shape, error) {
	var shape Shape
	var totalBytes int64
	grey := true
	for i, file := range files {
		config, size, err := f.config(file.path)
		if err != nil {
			return Shape{}, errors.WithMessage(err, file.path)
		}
		totalBytes += size
		grey = grey && isGrey(config)
		if i == 0 {
			shape = Shape{config.Height, config.Width, 1}
		}
		if f.options.Size == 0 && (config.Height != shape.Height || config.Width != shape.Width) {
			return Shape{}, errors.Errorf("%s is %d×%d, the first image %d×%d: give a size for all images",
				file.path, config.Height, config.Width, shape.Height, shape.Width)
		}
	}
	if f.options.Size != 0 {
		shape.Height, shape.Width = f.options.Size, f.options.Size
	}
	if f.options.Channels != 0 {
		shape.Channels = f.options.Channels
	} else if !grey {
		shape.Channels = 3
	}
	if err := shape.check(); err != nil {
		return Shape{}, err
	}
	if f.archive > 0 {
		totalBytes = min(totalBytes, int64(f.archive))
	}
	need := int64(len(files)) * int64(shape.Len())
	if f.options.Size == 0 && need > int64(expandLimit(int(totalBytes))) {
		return Shape{}, errors.Errorf("%d images of %v are more than files of %d bytes can hold",
			len(files), shape, totalBytes)
	}
	return shape, nil
}

// config reads only the header of an image file.
func (f imageFolder) config(name string) (image.Config, int64, error) {
	file, err := f.Open(name)
	if err != nil {
		return image.Config{}, 0, errors.WithStack(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return image.Config{}, 0, errors.WithStack(err)
	}
	size := info.Size()
	if f.archive > 0 {
		size = min(size, int64(f.archive))
	}
	config, err := decodeConfig(file, size)
	return config, size, err
}

// read decodes the images of a split on all processors.
func (f imageFolder) read(ctx context.Context, files []labelled, shape Shape) (Split, error) {
	if len(files) == 0 {
		return Split{}, nil
	}
	split := Split{
		Shape: shape, Images: make([]uint8, len(files)*shape.Len()), Labels: make([]int, len(files)),
	}
	var sum, count atomic.Int64
	var group errgroup.Group
	threads := runtime.GOMAXPROCS(0)
	for t := range threads {
		group.Go(func() error {
			for i := t; i < len(files); i += threads {
				if err := ctx.Err(); err != nil {
					return errors.WithMessage(err, "stopped while reading the images")
				}
				split.Labels[i] = files[i].label
				content, err := f.content(files[i].path)
				if err != nil {
					return err
				}
				img, err := decodeImage(content)
				if err != nil {
					return errors.WithMessage(err, files[i].path)
				}
				pixels := split.Images[i*shape.Len() : (i+1)*shape.Len()]
				bright, n := shape.border(pixels, drawInto(pixels, shape, img))
				sum.Add(int64(bright))
				count.Add(int64(n))
			}
			return nil
		})
	}
	err := group.Wait()
	split.background = backgroundOf(int(sum.Load()), int(count.Load()))
	return split, err
}
