# Shorthands; every line is an ordinary go command.
.PHONY: test bench generate ci

test:
	go test ./...

# Output for benchstat: go run golang.org/x/perf/cmd/benchstat@latest old.txt new.txt
bench:
	go test -run '^$$' -bench . -benchmem -count 6 ./internal/dense ./nn ./nn/op ./qops/... ./qlayer ./losses ./optimizers ./train

# docs/gates.md from the gate table
generate:
	go generate ./qops/circuit

ci:
	bash .ci/run
