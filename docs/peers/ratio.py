#!/usr/bin/env python3
"""Interleaved speed ratios of hqvit against PyTorch: run from the project's root.

    python3 docs/peers/ratio.py [--rounds 5] [--seconds 1] [--models hqvit,vit] [--sizes s,m] [--coretype best]

Builds ./cmd/hqvit (default build; --exe takes one that is built), then for every model and size runs `hqvit bench` and torch_vit.py
in turn, one thread each, and prints the median of the pairwise ratios with its range. OPENBLAS_CORETYPE chooses PyTorch's kernels;
OpenBLAS itself takes some processors for much older ones. `best` tries SkylakeX, Haswell and Zen on each model first and gives PyTorch the one
it is fastest with, for training and for inference; a name is taken as it is. Needs python3-torch and libopenblas0-pthread.
"""
import argparse, os, re, statistics as st, subprocess as sp, sys, tempfile

p = argparse.ArgumentParser(); p.add_argument("--rounds", type=int, default=5); p.add_argument("--seconds", type=float, default=1)
p.add_argument("--models", default="hqvit,vit"); p.add_argument("--sizes", default="s,m"); p.add_argument("--coretype", default="best"); p.add_argument("--exe"); a = p.parse_args()
here = os.path.dirname(os.path.abspath(__file__)); exe = a.exe or os.path.join(tempfile.mkdtemp(), "hqvit")
if not a.exe: sp.run(["go", "build", "-o", exe, "./cmd/hqvit"], check=True)

def rates(cmd, env=None):
    out = sp.run(cmd, capture_output=True, text=True, env={**os.environ, **(env or {})}); m = re.findall(r"(train|infer)_images_per_s=([\d.]+)", out.stdout)
    if not m: sys.exit("no figure from %s: %s" % (" ".join(cmd), out.stderr.strip()[-300:]))
    return {k: float(v) for k, v in m}

def torch(model, size, core):
    cmd = ["/usr/bin/python3", here + "/torch_vit.py", "bench", "--model", model, "--size", size, "--seconds", str(a.seconds)]
    return rates(cmd, {"OPENBLAS_CORETYPE": core, "OPENBLAS_NUM_THREADS": "1"})

for model in a.models.split(","):
    for size in a.sizes.split(","):
        core = dict.fromkeys(("train", "infer"), a.coretype)
        if a.coretype == "best":
            tried = {c: torch(model, size, c) for c in ("SkylakeX", "Haswell", "Zen")}
            core = {k: max(tried, key=lambda c: tried[c][k]) for k in core}
            print("%-6s %s PyTorch, train/infer images/s: %s" % (model, size, ", ".join("%s %.0f/%.0f" % (c, r["train"], r["infer"]) for c, r in tried.items())), flush=True)
        q, o = {"train": [], "infer": []}, {"train": [], "infer": []}
        for _ in range(a.rounds):
            x = rates([exe, "bench", "--model", model, "--size", size, "--threads", "1", "--seconds", str(a.seconds)])
            peer = {c: torch(model, size, c) for c in sorted(set(core.values()))}; y = {k: peer[c][k] for k, c in core.items()}
            for k in q: q[k].append(x[k] / y[k]); o[k].append((x[k], y[k]))
        for k in q:
            ours, theirs = (st.median(c) for c in zip(*o[k]))
            print("%-6s %s %s  ratio median %.2f (%.2f-%.2f)  medians: %.0f against %.0f images/s, %s" % (model, size, k, st.median(q[k]), min(q[k]), max(q[k]), ours, theirs, core[k]), flush=True)
