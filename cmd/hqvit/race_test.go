//go:build race

package main

// raced: the race detector makes training ten times as slow.
const raced = true
