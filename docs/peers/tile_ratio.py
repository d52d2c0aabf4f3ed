#!/usr/bin/env python3
"""Interleaved time ratios of qops/statevec against tile.cpp, a hand-written C++ circuit on patch vectors: run from the project's root.

    python3 docs/peers/tile_ratio.py [--rounds 5] [--qubits 6,8] [--benchtime 0.2s]

RY on every qubit and a ring of CNOTs, twice, on 1024 real float32 rows, one thread; backward is all angle gradients and the input gradient
(the benchmark's gradient less its forward). A ratio is our time over that of tile.cpp. Needs g++, AVX-512 and libopenblas-dev.
"""
import argparse, os, re, statistics as st, subprocess as sp, sys, tempfile

p = argparse.ArgumentParser(); p.add_argument("--rounds", type=int, default=5); p.add_argument("--qubits", default="6,8"); p.add_argument("--benchtime", default="0.2s"); a = p.parse_args()
here = os.path.dirname(os.path.abspath(__file__)); rows = 1024

def run(cmd, **env):
    r = sp.run(cmd, capture_output=True, text=True, env={**os.environ, **env})
    if r.returncode: sys.exit("%s failed: %s" % (" ".join(cmd), (r.stdout + r.stderr).strip()[-300:]))
    return r.stdout

with tempfile.TemporaryDirectory() as d:
    tile, bench = d + "/tile", d + "/statevec.test"
    run(["g++", "-O3", "-march=native", "-fopenmp", "-o", tile, here + "/tile.cpp", "-lopenblas"])
    run(["go", "test", "-c", "-o", bench, "./qops/statevec"])

    def ours(n):
        name = "^BenchmarkCircuit$/^float32$/^n=%s$/^B=%d$/^real=true$" % (n, rows)
        t = {k: float(v) * 1e3 for k, v in re.findall(r"/(forward|gradient)\S*\s.*?([\d.]+) µs/row", run([bench, "-test.run", "^$", "-test.bench", name, "-test.benchtime", a.benchtime]))}
        if len(t) != 2: sys.exit("no benchmark of %s qubits in qops/statevec" % n)
        return {"forward": t["forward"], "backward": t["gradient"] - t["forward"]}

    def theirs(n):
        m = re.search(r"A tile: .*?([\d.]+) ns/vec\) bwd_us=\S+ \(([\d.]+) ns/vec", run([tile, "1", str(rows), n, "2"], QWAIT="0"))
        if not m: sys.exit("no figure of %s qubits from tile.cpp" % n)
        return {"forward": float(m[1]), "backward": float(m[2])}

    for n in a.qubits.split(","):
        rounds = [(ours(n), theirs(n)) for _ in range(a.rounds)]
        for k in ("forward", "backward"):
            q = [x[k] / y[k] for x, y in rounds]
            print("d=%-4d %-8s ratio median %.2f (%.2f-%.2f)  medians: %.1f against %.1f ns a row" % (1 << int(n), k, st.median(q), min(q), max(q),
                  st.median(x[k] for x, _ in rounds), st.median(y[k] for _, y in rounds)), flush=True)
