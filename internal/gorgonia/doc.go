// Package gorgonia holds all that this module knows of Gorgonia v0.9.18 from the inside: what its API does
// not say and an upgrade may change. Each piece has a test that fails with a version that is different, and a
// fallback that is right and slower.
//
// What its API says and gets wrong is in docs/gorgonia.md.
package gorgonia
