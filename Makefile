# Shorthands; every line is an ordinary go command.
.PHONY: test bench fuzz generate dist ci

test:
	go test ./...

# All benchmarks but the long one of augmentation, six times. Output for benchstat: make bench > new.txt; go run golang.org/x/perf/cmd/benchstat@latest old.txt new.txt
bench:
	@go test -run '^$$' -bench . -benchmem -benchtime 0.1s -count 6 -skip Augmentation -timeout 1h ./...

# Every reader of files on hostile input, FUZZTIME each. Without a bound on minimising, which is not counted, it takes nearly all of the time
FUZZTIME ?= 10m
fuzz:
	@git grep -n '^func Fuzz' -- '*_test.go' | sed 's|\(.*\)/[^/]*:[0-9]*:func \(Fuzz[A-Za-z]*\).*|./\1 \2|' | while read -r package name; do \
	  go test $$package -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x -parallel 1 || exit 1; \
	done

# Everything that is generated: assembly, what follows from the gate table
generate:
	go generate ./...

# The archives of a release, in dist; see docs/release.md
dist:
	go run ./internal/release -out dist

ci:
	bash .ci/run
