//go:build !race

package qops

const raced = false
