package data

import (
	"context"
	"runtime"
	"sync/atomic"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// content reads a file without trusting the size that the archive declares.
func (f *imageFolder) content(name string) ([]byte, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, errors.WithStack(err)
	}
	content, err := readBounded(file, int(min(info.Size(), 1<<16)), int(pictureMemory))
	return content, errors.WithMessage(err, name)
}

// shape returns the common shape of the images.
func (f *imageFolder) shape(files []labelled) (Shape, error) {
	for _, file := range files {
		content, err := f.content(file.path)
		if err != nil {
			return Shape{}, err
		}
		if err := f.survey.add(file.path, content); err != nil {
			return Shape{}, err
		}
	}
	return f.survey.common(f.options)
}

// read decodes the images of a split on all processors, as many at a time as a picture's memory holds.
func (f *imageFolder) read(ctx context.Context, files []labelled, shape Shape) (Split, error) {
	if len(files) == 0 {
		return Split{}, nil
	}
	split := Split{
		Shape: shape, Images: make([]uint8, len(files)*shape.Len()), Labels: make([]int, len(files)),
	}
	var sum, count atomic.Int64
	var group errgroup.Group
	threads := runtime.GOMAXPROCS(0)
	memory := semaphore.NewWeighted(pictureMemory)
	for t := range threads {
		group.Go(func() error {
			for i := t; i < len(files); i += threads {
				if err := ctx.Err(); err != nil {
					return errors.WithMessage(err, "stopped while reading the images")
				}
				split.Labels[i] = files[i].label
				pixels := split.Images[i*shape.Len() : (i+1)*shape.Len()]
				bright, n, err := f.readInto(ctx, pixels, shape, files[i].path, memory)
				if err != nil {
					return err
				}
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

// readInto decodes a file into the pixels of an image, as drawPicture does.
func (f *imageFolder) readInto(ctx context.Context, pixels []uint8, shape Shape, name string,
	memory *semaphore.Weighted) (bright, n int, err error) {
	content, err := f.content(name)
	if err != nil {
		return 0, 0, err
	}
	return drawPicture(ctx, pixels, shape, name, content, memory)
}

// dropEqualChannels makes a set grey whose images all are, although their files could hold colours.
func (s *Set) dropEqualChannels() {
	for _, split := range s.splits() {
		if split.Len() > 0 && split.Channels != 3 {
			return
		}
		for at := 0; at < len(split.Images); at += 3 {
			if p := split.Images[at : at+3]; p[0] != p[1] || p[0] != p[2] {
				return
			}
		}
	}
	for _, split := range s.splits() {
		if split.Len() == 0 {
			continue
		}
		split.Channels = 1
		grey := split.Images[:0]
		for at := 0; at < len(split.Images); at += 3 {
			grey = append(grey, split.Images[at])
		}
		split.Images = grey
	}
	s.note("all pictures are grey, although their files could hold colours: read as grey")
}
