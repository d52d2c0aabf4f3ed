// Package train fits models to data: the loop, its recipe and its results. It knows layers, losses,
// optimizers and data, and nothing of what a model is made of.
//
//	recipe := train.DefaultRecipe()
//	recipe.Epochs, recipe.Loss = 100, "mse"
//	report, err := train.Loop{
//		Model: model, Recipe: recipe, Dir: "runs/first", Resume: true,
//		Train: train.Arrays{Inputs: []*tensor.Dense{x}, Values: y},
//	}.Run(ctx)
//
// A Loop trains any layer, or a function of several inputs, on any Data: Arrays in memory, Images, or a
// custom type. A Recipe has every option of training, with the optimizer, the schedule and the loss by name
// from Tables that a program can extend. Task is the form of Loop for labelled images.
//
// A step is a fixed list of micro-batches of one size; the last is filled up with masked rows. Threads take
// micro-batches from the list, each in a graph of its own over the same weights, and their gradients are
// added in a fixed binary tree. Randomness is keyed by seed, epoch and example. So one seed gives one result,
// to the last bit, for any number of threads, and memory does not grow with the batch.
//
// A run in a directory can be killed at any moment and resumed: it gives bit-identical results to an
// uninterrupted run. Package rundir says what the files are.
package train
