//go:build race

package qops

// raced: under the race detector a sync.Pool drops what it holds at random, so allocations cannot be counted.
const raced = true
