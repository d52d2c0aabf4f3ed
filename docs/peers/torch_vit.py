#!/usr/bin/python3
"""The yardstick: the same ViT and HQViT in PyTorch (Debian: apt-get install python3-torch libopenblas0-pthread).

    OPENBLAS_CORETYPE=SkylakeX OPENBLAS_NUM_THREADS=1 /usr/bin/python3 torch_vit.py bench --model hqvit --size s --threads 1
    /usr/bin/python3 torch_vit.py train --model hqvit --mnist DIR --epochs 3     # DIR holds the four idx.gz files
    /usr/bin/python3 torch_vit.py golden --model hqvit --size s > ../../vit/testdata/hqvit-s.json      # hqvit-s-1.json has --heads 1

Sizes (image 32x32 after zero-padding 28x28; batch is part of the size; float32):
    s   patch 8 -> T=16, d=64, depth 2, hidden 128, heads 4, batch 128
    m   patch 4 -> T=64, d=128 (linear embedding + learned positions), depth 4, hidden 256, heads 4, batch 64
A block is x += Attn(LN(x)); x += MLP(LN(x)) with exact (erf) GELU; the classifier is LN, flatten, linear.
The quantum attention of one head: the whole (T, d/h) slice of the image is scaled to unit norm (amplitude encoding),
q_i = U_q x_i, k_j = U_k x_j with U = `layers` times (RY on every qubit, then a ring of CNOT), logits = s * T^2 * <q_i|k_j>^2
with a learnable s per head (it starts at a quarter of the head's width), softmax over j, values and output projection classical.
bench prints one line: images per second of a full training step (forward, backward, AdamW) and of inference, median of 5.
"""
import argparse, gzip, json, math, time, numpy as np, torch, torch.nn as nn, torch.nn.functional as F

SIZES = {
    "s": dict(patch=8, embed=0, depth=2, hidden=128, heads=4, batch=128, layers=2),
    "m": dict(patch=4, embed=128, depth=4, hidden=256, heads=4, batch=64, layers=2),
}


class RealCircuit(nn.Module):
    def __init__(self, d, layers):
        super().__init__()
        self.n, self.d, self.L = int(math.log2(d)), d, layers
        self.theta = nn.Parameter(torch.randn(layers, self.n) * 0.5)
        idx, self.ring = torch.arange(d), []
        for q in range(self.n if self.n > 1 else 0):
            t = (q + 1) % self.n
            self.ring.append(idx ^ (((idx >> (self.n - 1 - q)) & 1) << (self.n - 1 - t)))

    def matrix(self):
        u = torch.eye(self.d)
        for l in range(self.L):
            for q in range(self.n):
                c, s = torch.cos(self.theta[l, q] / 2), torch.sin(self.theta[l, q] / 2)
                a = u.reshape(2**q, 2, -1, self.d)
                u = torch.stack([c * a[:, 0] - s * a[:, 1], s * a[:, 0] + c * a[:, 1]], 1).reshape(self.d, self.d)
            for p in self.ring:
                u = u[p]
        return u


class QuantumAttention(nn.Module):
    def __init__(self, d, heads, layers):
        super().__init__()
        self.h, self.dh = heads, d // heads
        self.q = nn.ModuleList([RealCircuit(self.dh, layers) for _ in range(heads)])
        self.k = nn.ModuleList([RealCircuit(self.dh, layers) for _ in range(heads)])
        self.scale = nn.Parameter(torch.full((heads,), self.dh / 4))
        self.v, self.o = nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, x):
        b, t, d = x.shape
        e = x.reshape(b, t, self.h, self.dh).transpose(1, 2)  # (B, H, T, dh)
        e = e / (e.flatten(2).norm(dim=2)[..., None, None] + 1e-12)
        w = torch.stack([q.matrix().T @ k.matrix() for q, k in zip(self.q, self.k)])  # U_q^T U_k, (H, dh, dh)
        s = (e @ w) @ e.transpose(2, 3)
        a = torch.softmax(self.scale[:, None, None] * (t * s) ** 2, -1)
        v = self.v(x).reshape(b, t, self.h, self.dh).transpose(1, 2)
        return self.o((a @ v).transpose(1, 2).reshape(b, t, d))


class ClassicalAttention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.h, self.dh = heads, d // heads
        self.qkv, self.o = nn.Linear(d, 3 * d), nn.Linear(d, d)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(x).reshape(b, t, 3, self.h, self.dh).permute(2, 0, 3, 1, 4)
        a = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(self.dh), -1)
        return self.o((a @ v).transpose(1, 2).reshape(b, t, d))


class Block(nn.Module):
    def __init__(self, d, hidden, attn):
        super().__init__()
        self.n1, self.n2, self.attn = nn.LayerNorm(d), nn.LayerNorm(d), attn
        self.mlp = nn.Sequential(nn.Linear(d, hidden), nn.GELU(), nn.Linear(hidden, d))

    def forward(self, x):
        x = x + self.attn(self.n1(x))
        return x + self.mlp(self.n2(x))


class Model(nn.Module):
    def __init__(self, kind, c, classes=10, channels=1, image=32):
        super().__init__()
        self.p, self.g = c["patch"], image // c["patch"]
        raw, t = channels * self.p**2, self.g**2
        d = c["embed"] or raw
        self.embed = nn.Linear(raw, d) if c["embed"] else None
        self.pos = nn.Parameter(torch.randn(t, d) * 0.02) if c["embed"] else None
        mk = (lambda: QuantumAttention(d, c["heads"], c["layers"])) if kind == "hqvit" else (lambda: ClassicalAttention(d, c["heads"]))
        self.blocks = nn.Sequential(*[Block(d, c["hidden"], mk()) for _ in range(c["depth"])])
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(t * d, classes)

    def forward(self, im):  # (B, C, 32, 32)
        b, c, _, _ = im.shape
        x = im.reshape(b, c, self.g, self.p, self.g, self.p).permute(0, 2, 4, 1, 3, 5).reshape(b, self.g**2, -1)
        if self.embed is not None:
            x = self.embed(x) + self.pos
        return self.head(self.norm(self.blocks(x)).flatten(1))


def bench(a):
    c = SIZES[a.size]; torch.manual_seed(0); torch.set_num_threads(a.threads)
    m = Model(a.model, c); opt = torch.optim.AdamW(m.parameters(), lr=1e-3)
    x, y = torch.rand(c["batch"], 1, 32, 32), torch.randint(0, 10, (c["batch"],))

    def step():
        opt.zero_grad(); F.cross_entropy(m(x), y).backward(); opt.step()

    def infer():
        with torch.no_grad(): m(x)

    out = []
    for f in (step, infer):
        f(); f(); r = []
        for _ in range(5):
            t, n = time.perf_counter(), 0
            while time.perf_counter() - t < a.seconds: f(); n += 1
            r.append(n * c["batch"] / (time.perf_counter() - t))
        out.append(sorted(r)[2])
    print("torch %s %s size=%s threads=%d params=%d train_images_per_s=%.0f infer_images_per_s=%.0f" % (
        torch.__version__, a.model, a.size, a.threads, sum(p.numel() for p in m.parameters()), *out))


def train(a):
    import os
    torch.manual_seed(a.seed); torch.set_num_threads(a.threads)
    def load(split):
        rd = lambda f, o: np.frombuffer(gzip.open(os.path.join(a.mnist, f)).read(), np.uint8, offset=o)
        im = rd(split + "-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28); lb = rd(split + "-labels-idx1-ubyte.gz", 8)
        return F.pad(torch.tensor(im.astype(np.float32) / 255), (2, 2, 2, 2)), torch.tensor(lb.astype(np.int64))
    (xt, yt), (xe, ye) = load("train"), load("t10k")
    c = SIZES[a.size]; m = Model(a.model, c); B = c["batch"]; n = len(xt) // B
    opt = torch.optim.AdamW(m.parameters(), lr=a.lr, weight_decay=1e-2)
    sch = torch.optim.lr_scheduler.OneCycleLR(opt, a.lr, total_steps=a.epochs * n)
    for ep in range(a.epochs):
        t, pm, tot = time.time(), torch.randperm(len(xt)), 0.0
        for i in range(n):
            ix = pm[i * B:(i + 1) * B]; l = F.cross_entropy(m(xt[ix]), yt[ix])
            opt.zero_grad(); l.backward(); opt.step(); sch.step(); tot += l.item()
        with torch.no_grad(): acc = torch.cat([m(xe[j:j + 500]).argmax(1) for j in range(0, len(xe), 500)]).eq(ye).float().mean()
        print("epoch %d loss %.4f test_acc %.4f seconds %.1f" % (ep, tot / n, acc, time.time() - t), flush=True)


def splitmix(seed, n):
    """n numbers in [-1, 1), the SplitMix64 stream that starts at `seed` (Steele, Lea, Flood 2014): the same in any language."""
    with np.errstate(over="ignore"):
        x = np.uint64(seed) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return torch.tensor((x >> np.uint64(11)).astype(np.float64) / 2.0**52 - 1)


def hqvit_parameters(m):
    """The parameters under the names and shapes of the Go program, as (name, tensors to stack, whether to stack them)."""
    out = []
    for name, p in m.named_parameters():
        if ".qkv." in name:  # one projection here, three there
            continue
        if name.endswith(".q.0.theta") or name.endswith(".k.0.theta"):  # (H, angles)
            out.append((name.replace(".0.theta", ".theta"), [c.theta for c in getattr(m.get_submodule(name[:-10]), name[-9])]))
        elif not name.endswith(".theta"):
            out.append((name, [p]))
    for name, p in m.named_parameters():
        if ".qkv." in name:
            d = p.shape[0] // 3
            out += [(name.replace(".qkv.", ".%s." % w), [(p, slice(i * d, (i + 1) * d))]) for i, w in enumerate("qkv")]
    return sorted(out, key=lambda e: e[0])


def golden(a):
    """Logits, loss and gradients in float64 of weights and images that follow from SplitMix64 alone.

    Parameter number j in the order of names has the stream j+1; a value is 1 + u/10 for the weight of a norm, d/4 + u for a scale,
    u for an angle, else u/8. The three images are |u| of the stream 1000, their labels 1, 4, 7. A gradient is given by three of its elements, its norm,
    and its product with the stream j+2001."""
    torch.set_default_dtype(torch.float64)
    m = Model(a.model, SIZES[a.size]); part = lambda t, f: f(t[0])[t[1]] if isinstance(t, tuple) else f(t)
    params = hqvit_parameters(m)
    with torch.no_grad():
        for j, (name, ts) in enumerate(params):
            views = [part(t, lambda p: p) for t in ts]
            u = splitmix(j + 1, sum(v.numel() for v in views))
            norm = name.startswith("norm.") or ".n1." in name or ".n2." in name
            if norm and name.endswith("weight"): u = 1 + u / 10
            elif name.endswith("scale"): u = views[0] + u
            elif not name.endswith("theta"): u = u / 8
            for v in views: v.copy_(u[:v.numel()].reshape(v.shape)); u = u[v.numel():]
    x, y = splitmix(1000, 3 * 1024).reshape(3, 1, 32, 32).abs(), torch.tensor([1, 4, 7])
    logits = m(x); loss = F.cross_entropy(logits, y); loss.backward()
    out = {"command": "torch_vit.py golden --model %s --size %s" % (a.model, a.size) + (" --heads %d" % a.heads if a.heads else ""), "torch": torch.__version__, "logits": logits.flatten().tolist(), "loss": loss.item(), "gradients": []}
    for j, (name, ts) in enumerate(params):
        g = torch.cat([part(t, lambda p: p.grad).flatten() for t in ts]); n = g.numel()
        out["gradients"].append({"name": name, "size": n, "first": g[0].item(), "middle": g[n // 2].item(), "last": g[-1].item(),
                                 "norm": g.norm().item(), "product": (g @ splitmix(j + 2001, n)).item()})
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    p = argparse.ArgumentParser(); p.add_argument("what", choices=["bench", "train", "golden"]); p.add_argument("--model", choices=["vit", "hqvit"], default="hqvit")
    p.add_argument("--size", choices=SIZES, default="s"); p.add_argument("--heads", type=int, help="other heads than the size has"); p.add_argument("--threads", type=int, default=1); p.add_argument("--seconds", type=float, default=2)
    p.add_argument("--mnist"); p.add_argument("--epochs", type=int, default=3); p.add_argument("--lr", type=float, default=2e-3); p.add_argument("--seed", type=int, default=0)
    a = p.parse_args(); SIZES[a.size]["heads"] = a.heads or SIZES[a.size]["heads"]; {"bench": bench, "train": train, "golden": golden}[a.what](a)
