// Command hqvit trains and compares vision transformers with quantum and with classical attention.
//
//	hqvit train                                 HQViT on MNIST, in a few minutes on two cores
//	hqvit train --model vit --data fashion-mnist --epochs 10 --seed 3
//	hqvit eval runs/mnist-hqvit-s1
//	hqvit predict runs/mnist-hqvit-s1 digit.png
//	hqvit explain runs/mnist-hqvit-s1 digit.png --out attention.png
//	hqvit export runs/mnist-hqvit-s1 digits.onnx
//	hqvit compare --data mnist --models hqvit,vit --seeds 3 --epochs 8
//	hqvit info runs/mnist-hqvit-s1
//	hqvit circuit runs/mnist-hqvit-s1 --svg attention.svg
//	hqvit serve runs/mnist-hqvit-s1 --runs runs
//	hqvit circuit runs/mnist-hqvit-s1 --image digit.png --out job
//	hqvit counts job RESULT.json
//	hqvit ledger --model hqvit --image 64
//	hqvit bench --model hqvit --threads 1
//	hqvit bench --circuit --qubits 10 --layers 4 --batch 64 --threads 1
//	hqvit data list
//
// The exit code is 0 for success, 1 for a failure, 2 for a mistake in the call (see exitCodes). An error is
// one line on standard error, stating what was expected and what was given; after an interrupt a second line
// is the command that resumes the run.
package main

import (
	"github.com/hqvit/hqvit/internal/cli"
	"github.com/hqvit/hqvit/vit"
)

func main() { cli.Main("hqvit", vit.Catalog{}) }
