//go:build !race

package nntest

const raced = false
