//go:build race

package cli

// raced: the race detector makes training ten times as slow.
const raced = true
