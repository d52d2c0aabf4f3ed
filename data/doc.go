// Package data reads image data sets, prepares them for a model, and
// augments them, reproducibly.
//
// A set is loaded by name and lies in memory as it was read:
//
//	set, err := data.Load(ctx, "mnist", data.Options{Seed: 1})
//	input := data.Transform{Size: 32}
//	train, err := input.Apply(set.Train)                // (N, C, S, S)
//	order := data.Permutation(train.Len(), seed, epoch) // of the images
//	err = train.Fill(batch, order[:128])                // 128 images into a []float32
//
// A name is that of a row of List, or a path to the user's own images:
//
//	mnist fashion-mnist cifar10 cifar100 breastmnist retinamnist …
//	folder:PATH   class folders of pictures, or a zip file of them
//	idx:PATH      a folder with four IDX files named as MNIST's
//	npz:PATH      a NumPy archive with train_images, train_labels, …
//
// MNIST is complete in a Go module that this package requires, so it needs
// neither a download nor any set-up. Every listed file is checked against a
// digest before it is used.
//
// Everything random takes a seed. The same seed gives the same splits and
// order on every machine, and the same augmented pixels for any number of
// threads and any order of the images.
//
// No reader trusts a header: a length in a file is compared with the bytes
// that it can hold, and with the memory that there is, before memory is taken.
package data
