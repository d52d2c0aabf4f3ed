#!/usr/bin/env python3
"""Growth of the cost of a training step and of circuits: exponents fitted to benchmarks, and diagrams of both in double logarithms.

    go test -run '^$' -bench Growth -count 5 ./train > step.txt
    go test -run '^$' -bench Growth -count 5 ./qops/statevec > circuit.txt
    go test -run '^$' -bench 'Routes/T=/d=/L=2/chosen' -count 5 -cpu 1 ./qops > attention.txt
    python3 docs/peers/growth.py step.txt circuit.txt attention.txt docs/plots

Of several runs of a benchmark the median counts. The exponent is the slope of the line of least squares through the logarithms of time and size; beside it stands that of the
operations that the benchmark reports, fitted over the same sizes. Of qubits it is the slope against 2^n. Writes growth.svg and circuit-growth.svg into the folder and the table,
in Markdown, to standard output. Needs numpy and matplotlib.
"""
import re, sys
from collections import defaultdict
from statistics import median
import numpy as np
import matplotlib; matplotlib.use("svg"); import matplotlib.pyplot as plt

plt.rcParams["svg.hashsalt"] = "growth"

def read(path):
    """Yields the name of each benchmark, its median µs and its median count of operations."""
    runs = defaultdict(list)
    for line in open(path):
        if m := re.match(r"Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op(.*)", line):
            metrics = {unit: float(v) for v, unit in re.findall(r"([\d.]+) (\S+)", m[3])}
            work = metrics.get("Mflop/step", metrics.get("Mflop/op")) or metrics["GFLOP/s"] * float(m[2]) / 1e6
            runs[m[1]].append((float(m[2]) / 1e3, work))
    for name, all in runs.items(): yield name, median(t for t, _ in all), median(w for _, w in all)

class Line:
    def __init__(self): self.x, self.t, self.work = [], [], []
    def add(self, x, t, work): self.x.append(x); self.t.append(t); self.work.append(work)
    def slopes(self, low=0): return [np.polyfit(np.log([x for x in self.x if x >= low]), np.log([v for x, v in zip(self.x, y) if x >= low]), 1)[0] for y in (self.t, self.work)]

def draw(panels, path, unit, scale, shape):
    fig, axes = plt.subplots(*shape, figsize=(4.1 * shape[1], 3.5 * shape[0]))
    for ax, (title, lines) in zip(np.ravel(axes), panels.items()):
        sizes = sorted({x for l in lines.values() for x in l.x})
        for i, (name, l) in enumerate(lines.items()):
            slope, work = l.slopes()
            ax.loglog(l.x, [t / scale for t in l.t], "os^Dv"[i], color=f"C{i}", ms=5, label=f"{name}: {slope:.2f} ({work:.2f})")
            fit = np.polyfit(np.log(l.x), np.log(l.t), 1)
            ax.loglog(l.x, np.exp(np.polyval(fit, np.log(l.x))) / scale, color=f"C{i}", lw=1)
        ax.set_xlabel(title); ax.set_ylabel(unit); ax.grid(True, which="major", alpha=0.3)
        label = (lambda x: "%d" % np.log2(x)) if title.startswith("qubits") else (lambda x: "%g" % x)
        ax.set_xticks(sizes, [label(x) for x in sizes]); ax.minorticks_off()
        low, high = ax.get_ylim(); ax.set_ylim(low, high * (high / low) ** (0.07 * len(lines)))  # room for the legend
        ax.legend(loc="upper left", fontsize=8, title="exponent (of the operations)", title_fontsize=8)
    fig.tight_layout(); fig.savefig(path, metadata={"Date": None})

def table(panels):
    for title, lines in panels.items():
        for name, l in lines.items():
            if title.startswith("qubits"): sizes = "%d–%d" % (np.log2(min(l.x)), np.log2(max(l.x)))
            else: sizes = "%d–%d" % (min(l.x), max(l.x))
            slope, work = l.slopes(); last, lastwork = np.diff(np.log(l.t))[-1] / np.diff(np.log(l.x))[-1], np.diff(np.log(l.work))[-1] / np.diff(np.log(l.x))[-1]
            print(f"| {title} | {name} | {sizes} | {slope:.2f} | {work:.2f} | {last:.2f} | {lastwork:.2f} |")

if len(sys.argv) != 5: sys.exit(__doc__)
steps, circuits = defaultdict(lambda: defaultdict(Line)), defaultdict(lambda: defaultdict(Line))
for name, t, work in read(sys.argv[1]):
    model, of, x = re.match(r"Growth/(\w+)/(\w+)=(\d+)", name).groups()
    steps[of][model].add(int(x), t, work)
for name, t, work in read(sys.argv[2]):
    of, n, layers, rows, way = re.match(r"Growth/(\w+)/n=(\d+)/L=(\d+)/B=(\d+)/(\w+)", name).groups()
    n, layers, rows = int(n), int(layers), int(rows)
    if of == "qubits": circuits["qubits, a row"][way].add(2**n, t / rows, work / rows)
    else: circuits[of][f"{way}, {n} qubits"].add(layers if of == "layers" else rows, t, work)
for name, t, work in read(sys.argv[3]):
    tokens, d = map(int, re.match(r"Routes/T=(\d+)/d=(\d+)", name).groups())
    circuits["width of attention"][f"{tokens} tokens"].add(d, t, work)
draw(steps, sys.argv[4] + "/growth.svg", "ms a training step, one thread", 1e3, (2, 2))
draw(circuits, sys.argv[4] + "/circuit-growth.svg", "µs, one thread", 1, (2, 2))
print("| grows | of | sizes | time | operations | time, last two sizes | operations, last two |\n|---|---|---|---|---|---|---|")
table(steps); table(circuits)
