#!/usr/bin/env python3
"""Interleaved speed ratios of hqvit against PyTorch: run from the project's root.

    python3 docs/peers/ratio.py [--rounds 5] [--seconds 1] [--models hqvit,vit] [--sizes s,m]

Builds ./cmd/hqvit (default build), then for every model and size runs `hqvit bench` and torch_vit.py in turn, one thread each,
PyTorch with OPENBLAS_CORETYPE=SkylakeX, and prints the median of the pairwise ratios with its range. Needs python3-torch and libopenblas0-pthread.
"""
import argparse, os, re, statistics as st, subprocess as sp, sys, tempfile

p = argparse.ArgumentParser(); p.add_argument("--rounds", type=int, default=5); p.add_argument("--seconds", type=float, default=1)
p.add_argument("--models", default="hqvit,vit"); p.add_argument("--sizes", default="s,m"); a = p.parse_args()
here = os.path.dirname(os.path.abspath(__file__)); exe = os.path.join(tempfile.mkdtemp(), "hqvit")
sp.run(["go", "build", "-o", exe, "./cmd/hqvit"], check=True)

def rates(cmd, env=None):
    out = sp.run(cmd, capture_output=True, text=True, env={**os.environ, **(env or {})}); m = re.findall(r"(train|infer)_images_per_s=([\d.]+)", out.stdout)
    if not m: sys.exit("no figure from %s: %s" % (" ".join(cmd), out.stderr.strip()[-300:]))
    return {k: float(v) for k, v in m}

for model in a.models.split(","):
    for size in a.sizes.split(","):
        q, o = {"train": [], "infer": []}, {}
        for _ in range(a.rounds):
            x = rates([exe, "bench", "--model", model, "--size", size, "--threads", "1"])
            y = rates(["/usr/bin/python3", here + "/torch_vit.py", "bench", "--model", model, "--size", size, "--seconds", str(a.seconds)], {"OPENBLAS_CORETYPE": "SkylakeX", "OPENBLAS_NUM_THREADS": "1"})
            for k in q: q[k].append(x[k] / y[k]); o[k] = (x[k], y[k])
        for k in q: print("%-6s %s %s  ratio median %.2f (%.2f-%.2f)  last: %.0f against %.0f images/s" % (model, size, k, st.median(q[k]), min(q[k]), max(q[k]), *o[k]), flush=True)
