# Shorthands; every line is an ordinary go command.
.PHONY: test bench generate ci

test:
	go test ./...

# All benchmarks, six times, about a quarter of an hour. Output for benchstat: make bench > new.txt; go run golang.org/x/perf/cmd/benchstat@latest old.txt new.txt
bench:
	@go test -run '^$$' -bench . -benchmem -benchtime 0.1s -count 6 ./...

# docs/gates.md from the gate table
generate:
	go generate ./qops/circuit

ci:
	bash .ci/run
