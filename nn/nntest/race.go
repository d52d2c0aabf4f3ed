//go:build race

package nntest

// raced: under the race detector a sync.Pool drops what it holds at random, so memory cannot be measured.
const raced = true
