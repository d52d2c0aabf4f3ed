#!/usr/bin/env python3
"""Time of statevec.Compile over the number of gates, log-log, with the exponent that is fitted to the medians.

    go test -run '^$' -bench 'Compile/gates' -benchtime 5x -count 10 -cpu 1 ./qops/statevec | python3 docs/peers/compile.py docs/plots/compile.svg

Prints the medians, the exponent over all sizes and that between the last two. Needs python3-matplotlib.
"""
import math, re, statistics, sys
import matplotlib; matplotlib.use("svg"); import matplotlib.pyplot as plt

plt.rcParams["svg.hashsalt"] = "compile"
runs = {}
for line in sys.stdin:
    if m := re.match(r"BenchmarkCompile/gates=(\d+)\S*\s+\d+\s+([\d.]+) ns/op", line):
        runs.setdefault(int(m[1]), []).append(float(m[2]) / 1e9)
if len(runs) < 3: sys.exit("want lines of BenchmarkCompile for three sizes at least on standard input")
gates = sorted(runs)
seconds = [statistics.median(runs[g]) for g in gates]
x, y = [math.log(g) for g in gates], [math.log(s) for s in seconds]
mx, my = statistics.mean(x), statistics.mean(y)
slope = sum((a - mx) * (b - my) for a, b in zip(x, y)) / sum((a - mx) ** 2 for a in x)
last = (y[-1] - y[-2]) / (x[-1] - x[-2])
for g, s in zip(gates, seconds): print("| %d | %.4f |" % (g, s))
print("exponent %.3f, between the last two sizes %.3f" % (slope, last))

fig, ax = plt.subplots(figsize=(6, 4))
ax.loglog(gates, seconds, "o", label="medians")
ax.loglog(gates, [math.exp(my + slope * (v - mx)) for v in x], color="black", lw=1, label="exponent %.2f" % slope)
ax.set_xlabel("gates of a circuit of 6 qubits"); ax.set_ylabel("seconds to compile"); ax.grid(True, which="major", alpha=0.3)
ax.legend(); fig.tight_layout(); fig.savefig(sys.argv[1], metadata={"Date": None})
