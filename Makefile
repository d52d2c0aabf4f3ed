# Shorthands; every line is an ordinary go command.
.PHONY: test bench generate dist ci

test:
	go test ./...

# All benchmarks but the long one of augmentation, six times. Output for benchstat: make bench > new.txt; go run golang.org/x/perf/cmd/benchstat@latest old.txt new.txt
bench:
	@go test -run '^$$' -bench . -benchmem -benchtime 0.1s -count 6 -skip Augmentation -timeout 1h ./...

# Everything that is generated: assembly, what follows from the gate table
generate:
	go generate ./...

# The archives of a release, in dist; see docs/release.md
dist:
	go run ./internal/release -out dist

ci:
	bash .ci/run
