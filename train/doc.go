// Package train fits a model to images: the loop, its metrics, its files. It knows layers, losses, optimizers and data, and nothing of what a
// model is made of.
//
//	task := train.Task{Model: model, Train: images, Val: held, Opt: optimizers.DefaultAdamW(), LR: 2e-3, Epochs: 4, Seed: 1, Dir: "runs/first"}
//	report, err := task.Run(ctx)
//
// A step is a fixed list of micro-batches of one size; the last is filled up with masked rows. Threads take micro-batches from the list, each
// in a graph of its own over the same weights, and their gradients are added in a fixed binary tree. What is random is keyed by seed, epoch
// and image. So one seed gives one result, to the last bit, for any number of threads, and memory does not grow with the batch.
//
// A run in a directory can be killed at any moment and resumed: it ends as if it had not been. Files are replaced, never rewritten in place.
//
//	config.yaml        Task.Config, what reproduces the run
//	last.ckpt          weights, optimizer, position and history, for Task.Resume
//	best.safetensors   weights of the epoch that validated best, with Task.Meta
//	metrics.csv        a row for each epoch
//	summary.json       Summary
//	curves.svg         loss and accuracy of training and validation over the epochs
//	confusion.svg      confusion matrix of the test split
package train
