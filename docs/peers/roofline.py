#!/usr/bin/env python3
"""Roofline of the dense kernels, float32, from the output of their benchmarks.

    go test -run '^$' -bench 'Limit|Gemm/float32|Elementwise/float32' ./internal/dense | python3 docs/peers/roofline.py docs/plots/roofline.svg

The flat roof is BenchmarkLimit; the slope is the fastest elementwise kernel of the run. Slices are 16 KiB: two fit in a first-level cache of 32 KiB, three do not. A point's
operations per byte count every operand once. Elementwise kernels whose operations have no agreed count (exp, softmax, ...) are left out. Needs python3-matplotlib.
"""
import re, sys
import matplotlib; matplotlib.use("svg"); import matplotlib.pyplot as plt

plt.rcParams["svg.hashsalt"] = "roofline"
FLOPS_PER_MOVED = {"Add": (1, 3), "Mul": (1, 3), "Axpy": (2, 3), "Scale": (1, 2), "Dot": (2, 2), "SumSquares": (2, 1)}  # operations, elements moved
limit, slope, products, streams = 0, 0, [], []
for line in sys.stdin:
    metric = {unit: float(v) for v, unit in re.findall(r"([\d.]+) (GFLOP/s|GB/s)", line)}
    if m := re.match(r"BenchmarkLimit/float32\S*", line): limit = max(limit, metric["GFLOP/s"])
    elif m := re.match(r"BenchmarkGemm/float32/(..)/(\d+)x(\d+)x(\d+)x(\d+)", line):
        batch, i, j, k = map(int, m.groups()[1:])
        products.append((2 * i * j * k / (4 * (i * k + k * j + i * j)), metric["GFLOP/s"], batch > 1))
    elif m := re.match(r"BenchmarkElementwise/float32/(\w+)", line):
        slope = max(slope, metric["GB/s"])
        if m[1] in FLOPS_PER_MOVED:
            flops, moved = FLOPS_PER_MOVED[m[1]]
            streams.append((flops / moved / 4, metric["GB/s"] * flops / moved / 4, m[1]))
if not (limit and slope and products): sys.exit("want lines of BenchmarkLimit, BenchmarkGemm and BenchmarkElementwise in float32 on standard input")

fig, ax = plt.subplots(figsize=(7, 4.5))
xs = [2 ** (e / 8) for e in range(-34, 57)]
ax.loglog(xs, [min(limit, slope * x) for x in xs], color="black", lw=1.5, label="roof: %.0f GFLOP/s, %.0f GB/s" % (limit, slope))
for many, name, mark in ((False, "one product", "o"), (True, "batch of small products", "s")):
    p = [q for q in products if q[2] == many]
    ax.loglog([q[0] for q in p], [q[1] for q in p], mark, ms=5, alpha=0.7, label=name)
ax.loglog([q[0] for q in streams], [q[1] for q in streams], "^", ms=6, label="elementwise, slices of 16 KiB")
for x, y, name in streams:
    if name != "Mul": ax.annotate("Add, Mul" if name == "Add" else name, (x, y), textcoords="offset points", xytext=(6, -10), fontsize=8)
ax.set_xlabel("operations per byte of the operands"); ax.set_ylabel("GFLOP/s, one thread"); ax.grid(True, which="major", alpha=0.3)
ax.set_ylim(min(q[1] for q in streams + products) / 2, limit * 2); ax.legend(loc="lower right", fontsize=9); fig.tight_layout()
fig.savefig(sys.argv[1], metadata={"Date": None})
