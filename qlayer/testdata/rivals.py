#!/usr/bin/env python3
"""Values of published attention scores by dense matrices: writes rivals.json, which TestRivals reads.

    python3 qlayer/testdata/rivals.py > qlayer/testdata/rivals.json

Every circuit is run as it stands, gate by gate, on all its qubits, registers and ancillas included; nothing here
knows the closed forms of the Go code. Qubit 0 is the most significant bit.
"""
import json
import sys
import numpy as np

rng = np.random.default_rng(20260101)
X = np.array([[0, 1], [1, 0]], complex)
Y = np.array([[0, -1j], [1j, 0]])
Z = np.diag([1, -1]).astype(complex)
I2 = np.eye(2, dtype=complex)
H = np.array([[1, 1], [1, -1]], complex) / np.sqrt(2)
CX = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]], complex)


def rot(p, a):
    return np.cos(a / 2) * np.eye(len(p)) - 1j * np.sin(a / 2) * p


def RX(a): return rot(X, a)
def RY(a): return rot(Y, a)
def RZ(a): return rot(Z, a)


def controlled(u):
    out = np.eye(2 * len(u), dtype=complex)
    out[len(u):, len(u):] = u
    return out


def run(psi, gates):
    """Applies (matrix, qubits...) to a state, or to the columns of a matrix."""
    dim = psi.shape[0]
    n = dim.bit_length() - 1
    t = psi.reshape((2,) * n + (-1,))
    for m, *qs in gates:
        k = len(qs)
        t = np.tensordot(m.reshape((2,) * (2 * k)), t, axes=(list(range(k, 2 * k)), qs))
        t = np.moveaxis(t, list(range(k)), qs)
    return t.reshape(psi.shape)


def zero(n):
    psi = np.zeros(1 << n, complex)
    psi[0] = 1
    return psi


def matrix(n, gates):
    return run(np.eye(1 << n, dtype=complex), gates)


def shift(gates, by):
    return [(m, *[q + by for q in qs]) for m, *qs in gates]


def expect(psi, n, pauli):
    return np.vdot(psi, run(psi, [({"X": X, "Y": Y, "Z": Z}[p], q) for q, p in enumerate(pauli) if p != "I"])).real


def letter(n, p, q):
    return "I" * q + p + "I" * (n - 1 - q)


def softmax(a):
    e = np.exp(a - a.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def ring(n):
    return [(CX, q, (q + 1) % n) for q in range(n)] if n > 1 else []


def real_amplitudes(n, layers, theta):
    g, t = [], iter(theta)
    for _ in range(layers):
        g += [(RY(next(t)), q) for q in range(n)] + ring(n)
    return g


def entangling(n, layers, theta):
    g, t = [], iter(theta)
    for _ in range(layers):
        for q in range(n):
            g += [(RY(next(t)), q), (RZ(next(t)), q)]
        g += ring(n)
    return g


def unit(x):
    """A token as amplitudes: padded to a power of two, of length 1."""
    x = np.concatenate([x, np.zeros((1 << (len(x) - 1).bit_length()) - len(x))])
    return x / np.linalg.norm(x)


# Every case: tokens x (B, T, D), heads, parameters, and what the score gives.
B, T, D, HEADS = 2, 3, 8, 2
d = D // HEADS
cases = []


def case(name, params, f, tokens=T, width=D, heads=HEADS):
    """f(x (T, d), the parameters of a head) gives a dict of what a head of an image has: logits or probs
    (T, T), perhaps values or mixed (T, K)."""
    x = rng.normal(size=(B, tokens, width))
    p = {k: rng.normal(size=(heads,) + s) * scale for k, (s, scale) in params.items()}
    w = width // heads
    heads_of = [[f(x[b, :, h * w:(h + 1) * w], {k: v[h] for k, v in p.items()}) for h in range(heads)] for b in range(B)]
    out = {}
    for key in heads_of[0][0]:
        each = np.array([[one[key] for one in row] for row in heads_of])  # (B, H, T, ·)
        if key in ("values", "mixed"):
            each = each.transpose(0, 2, 1, 3).reshape(B, tokens, -1)
        out[key] = each
    def flat(a): return {"shape": list(a.shape), "data": [float(v) for v in np.asarray(a).reshape(-1)]}
    cases.append({"name": name, "heads": heads, "x": flat(x), "params": {k: flat(v) for k, v in p.items()},
                  "out": {k: flat(v) for k, v in out.items()}})


# QSANN
def neighbours(n, depth, angles):
    g, t = [], iter(angles)
    for _ in range(depth):
        for i in range(n):
            j = (i + 1) % n
            g += [(RX(next(t)), i), (RY(next(t)), i), (RX(next(t)), j), (RY(next(t)), j), (CX, i, j)]
    for i in range(n):
        g += [(RX(next(t)), i), (RY(next(t)), i)]
    return g


def qsann(n, depth, layers, every=False, values=False):
    def f(x, p):
        slots = n * (4 * depth + 2)
        embed = [neighbours(n, depth, np.concatenate([row, np.zeros(slots - len(row))])) for row in x]
        state = lambda i, name: run(zero(n), embed[i] + neighbours(n, layers, p[name]))
        read = range(n) if every else [0]
        q = np.array([[expect(state(i, "q.theta"), n, letter(n, "Z", r)) for r in read] for i in range(len(x))])
        k = np.array([[expect(state(i, "k.theta"), n, letter(n, "Z", r)) for r in read] for i in range(len(x))])
        out = {"logits": -((q[:, None] - k[None]) ** 2).sum(-1)}
        if values:
            words = [letter(n, a, r) for a in "ZYX" for r in range(n)][:x.shape[1]]
            out["values"] = np.pi * np.array([[expect(state(i, "v.theta"), n, w) for w in words] for i in range(len(x))])
        return out
    return f


def angles3(count, values=False):
    return {k: ((count,), 1.0) for k in ("q.theta", "k.theta") + (("v.theta",) if values else ())}


case("qsann", angles3(12), qsann(2, 1, 1))
case("qsann deep", angles3(3 * 10, True), qsann(3, 0, 2, values=True))
case("qsann all", angles3(12, True), qsann(2, 1, 1, True, True), width=16)


# ⟨Z⟩ of queries and keys
def passes(n, x, hadamard=False):
    g = [(H, q) for q in range(n)] if hadamard else []
    for i, v in enumerate(x):
        if i > 0 and i % n == 0:
            g += ring(n)
        g.append((RX(v), i % n))
    return g


def z_distance(n, layers, every=False, values=False, hadamard=False):
    def u(theta, value=False):
        t = iter(theta)
        g = [(RX(next(t)), q) for q in range(n)]
        for _ in range(layers - 1 if value else layers):
            g += [(RY(next(t)), q) for q in range(n)] + ring(n)
        return g + [(RY(next(t)), q) for q in range(n if value else 1)]

    def f(x, p):
        def state(row, name, value=False): return run(zero(n), passes(n, row, hadamard) + u(p[name], value))
        read = range(n) if every else [0]
        q = np.array([[expect(state(row, "q.theta"), n, letter(n, "Z", r)) for r in read] for row in x])
        k = np.array([[expect(state(row, "k.theta"), n, letter(n, "Z", r)) for r in read] for row in x])
        out = {"logits": -((q[:, None] - k[None]) ** 2).sum(-1) / np.sqrt(n)}
        if values:
            out["values"] = np.array([[expect(state(row, "v.theta", True), n, letter(n, "Z", r)) for r in range(n)]
                                      for row in x])
        return out
    return f


case("z-distance", {"q.theta": ((13,), 1), "k.theta": ((13,), 1), "v.theta": ((12,), 1)}, z_distance(4, 2, values=True))
case("z-distance all", angles3(10), z_distance(3, 2, every=True))
case("z-distance hadamard", angles3(10), z_distance(3, 2, hadamard=True))


def z_dot(n, layers, values=False):
    def u(theta):
        t, g = iter(theta), []
        for _ in range(layers):
            g += [(RX(next(t)), q) for q in range(n)] + ring(n)
        return g

    def f(x, p):
        def read(name): return np.array([[expect(run(zero(n), passes(n, row) + u(p[name])), n, letter(n, "Z", r))
                                          for r in range(n)] for row in x])
        out = {"logits": read("q.theta") @ read("k.theta").T / np.sqrt(n)}
        if values:
            out["values"] = read("v.theta")
        return out
    return f


case("z-dot", angles3(4, True), z_dot(4, 1, True))
case("z-dot narrow", angles3(6), z_dot(3, 2))


# QMSAN: a SWAP test of the kept qubits alone.
CSWAP = controlled(np.eye(4)[[0, 2, 1, 3]].astype(complex))


def qmsan(n, keep, ansatz, layers, softmaxed=False):
    def f(x, p):
        t = len(x)
        s = np.zeros((t, t))
        q = [run(unit(row).astype(complex), ansatz(n, layers, p["q.theta"])) for row in x]
        k = [run(unit(row).astype(complex), ansatz(n, layers, p["k.theta"])) for row in x]
        for i in range(t):
            for j in range(t):
                psi = np.kron(np.array([1, 0]), np.kron(q[i], k[j]))
                psi = run(psi, [(H, 0)] + [(CSWAP, 0, 1 + a, 1 + n + a) for a in range(keep)] + [(H, 0)])
                s[i, j] = 2 * np.linalg.norm(psi[:len(psi) // 2]) ** 2 - 1
        if softmaxed:
            return {"logits": p["scale"] * s}
        return {"probs": s / s.sum(-1, keepdims=True)}
    return f


case("qmsan", angles3(8), qmsan(2, 1, entangling, 2))
case("qmsan three", {"q.theta": ((9,), 1), "k.theta": ((9,), 1), "scale": ((), 2)}, qmsan(3, 2, real_amplitudes, 3, True), width=16)


# QKSAN: the register is back in |0…0> behind E(x_j)†U_k†U_q E(x_i), one full matrix after the other.
def kernel(n, layers, qaoa, theta):
    g, t = [], iter(theta)
    for _ in range(layers):
        g += [(H, q) for q in range(n)] + [(RY(next(t)), q) for q in range(n)]
        for q in range(n):
            r = (q + 1) % n
            a = next(t)
            g += [(CX, q, r), (RZ(a), r), (CX, q, r)] if qaoa else [(controlled(RY(a)), q, r)]
    return g


def qksan(n, layers, qaoa=False, shares=False):
    def f(x, p):
        uq, uk = matrix(n, kernel(n, layers, qaoa, p["q.theta"])), matrix(n, kernel(n, layers, qaoa, p["k.theta"]))
        e = [matrix(n, passes(n, row)) for row in x]
        s = np.array([[abs((e[j].conj().T @ uk.conj().T @ uq @ e[i] @ zero(n))[0]) ** 2 for j in range(len(x))]
                      for i in range(len(x))])
        return {"probs": s / s.sum(-1, keepdims=True)} if shares else {"logits": p["scale"] * s}
    return f


case("qksan", {"q.theta": ((12,), 1), "k.theta": ((12,), 1), "scale": ((), 2)}, qksan(3, 2))
case("qksan qaoa", angles3(8), qksan(4, 1, True, True))


# QCSAM
def qcsam(n, ansatz, layers, form):
    def f(x, p):
        q, k, v = ([run(unit(row).astype(complex), ansatz(n, layers, p[name])) for row in x]
                   for name in ("q.theta", "k.theta", "v.theta" if form == "complex" else "q.theta"))
        z = np.array([[np.vdot(k[j], q[i]) for j in range(len(x))] for i in range(len(x))])
        if form == "real":
            return {"logits": p["scale"] * z.real}
        if form == "modulus":
            return {"logits": p["scale"] * np.sqrt(abs(z) ** 2 + 1e-12)}
        # The linear combination of unitaries: index register |j> with amplitudes √(α_j/Ω), V_j under its control,
        # and the inverse preparation; what is left where the index is back in |0> is Σ_j α_j V_j/Ω.
        mixed = []
        for row in z:
            amplitudes = np.sqrt(row / abs(row).sum())
            big = sum(np.kron(np.eye(len(row))[j], a * v[j]) for j, a in enumerate(amplitudes))
            left = sum(a * big.reshape(len(row), -1)[j] for j, a in enumerate(amplitudes))
            left = unit(left)
            words = [letter(n, a, r) for a in "ZYX" for r in range(n)][:x.shape[1]]
            mixed.append([expect(left, n, w) for w in words])
        s = np.sqrt(abs(z) ** 2 + 1e-12)
        return {"probs": s / s.sum(-1, keepdims=True), "mixed": np.array(mixed)}
    return f


case("qcsam", angles3(8, True), qcsam(2, entangling, 2, "complex"))
case("qcsam narrow", angles3(12, True), qcsam(3, entangling, 2, "complex"), width=12)
case("qcsam real", {"q.theta": ((8,), 1), "k.theta": ((8,), 1), "scale": ((), 2)}, qcsam(2, entangling, 2, "real"))
case("qcsam modulus", {"q.theta": ((8,), 1), "k.theta": ((8,), 1), "scale": ((), 2)}, qcsam(2, entangling, 2, "modulus"))


# Scores of linear queries and keys, qᵢ = W_q xᵢ + b_q. f(q, k (T, d), parameters of a head) gives a dict.
def linear(name, params, f, tokens=T, width=D, heads=HEADS, spread=1.0):
    shared = {n: rng.normal(size=s) * spread for n, s in (("q.weight", (width, width)), ("q.bias", (width,)),
                                                          ("k.weight", (width, width)), ("k.bias", (width,)))}
    own = {k: rng.normal(size=(heads,) + s) * scale for k, (s, scale) in params.items()}
    x = rng.normal(size=(B, tokens, width))
    w = width // heads
    rows = []
    for b in range(B):
        q, k = x[b] @ shared["q.weight"].T + shared["q.bias"], x[b] @ shared["k.weight"].T + shared["k.bias"]
        rows.append([f(q[:, h * w:(h + 1) * w], k[:, h * w:(h + 1) * w], {n: v[h] for n, v in own.items()})
                     for h in range(heads)])
    out = {key: np.array([[one[key] for one in row] for row in rows]) for key in rows[0][0]}
    def flat(a): return {"shape": list(a.shape), "data": [float(v) for v in np.asarray(a).reshape(-1)]}
    cases.append({"name": name, "heads": heads, "x": flat(x), "params": {n: flat(v) for n, v in (shared | own).items()},
                  "out": {n: flat(v) for n, v in out.items()}})


def sinkhorn(k):
    def f(q, keys, _):
        p = np.exp(q @ keys.T / np.sqrt(q.shape[1]))
        for i in range(k):
            p = p / p.sum(1 - i % 2, keepdims=True)
        return {"probs": p}
    return f


def qr(q, k, _):
    return {"probs": np.linalg.qr(q @ k.T)[0] ** 2}


linear("sinkhorn", {}, sinkhorn(5), tokens=4)
linear("sinkhorn of one", {}, sinkhorn(1))
linear("qr", {}, qr)


# QDSFormer: the whole of U = U2·U1ᵀ as a matrix, and the mean over its ancillas.
def doubly_stochastic(tokens, ancillas, layers):
    q = tokens.bit_length() - 1
    n = q + ancillas

    def f(queries, keys, p):
        m = (queries @ keys.T / np.sqrt(queries.shape[1])).reshape(-1)
        angles = iter(t * m[i % len(m)] for i, t in enumerate(p["theta"]))
        u = []
        for _ in range(2):
            g = []
            for layer in range(layers):
                for a in range(layer % 2, n - 1, 2):
                    g += [(RY(next(angles)), a), (RY(next(angles)), a + 1),
                          (rot(np.kron(Z, Z), next(angles)), a, a + 1), (rot(np.kron(X, X), next(angles)), a, a + 1)]
            u.append(matrix(n, g))
        assert next(angles, None) is None
        big = u[0] @ u[1].T
        p = (abs(big) ** 2).reshape(tokens, 1 << ancillas, tokens, 1 << ancillas).sum((1, 3)) / (1 << ancillas)
        return {"probs": p}
    return f


linear("doubly stochastic", {"theta": ((24,), 1)}, doubly_stochastic(4, 1, 3), tokens=4)
linear("doubly stochastic usual", {"theta": ((16,), 1)}, doubly_stochastic(4, 1, 2), tokens=4)
linear("doubly stochastic two", {"theta": ((8 * 4,), 1)}, doubly_stochastic(2, 2, 4), tokens=2)


# QPSAN, by its closed form for each pair and element.
def qpsan(elements):
    def f(queries, keys, p):
        e, g, s, alpha, beta = p["joint"]
        q, k = queries[:, None, :elements], keys[None, :, :elements]
        a = np.pi / 4 + e * q + g * (q - k) + s * (q + k)
        b = np.pi / 4 + e * k - g * (q - k) + s * (q + k)
        c = alpha * (q + k)
        one = 0.5 * (1 + np.cos(2 * beta) ** 2 * np.cos(a) - np.sin(2 * beta) ** 2 *
                     (np.cos(c) * np.cos(a) * np.sin(b) + np.sin(c) * np.cos(b)))
        return {"logits": one.sum(-1)}
    return f


linear("qpsan", {"joint": ((5,), 1)}, qpsan(4))
linear("qpsan some", {"joint": ((5,), 1)}, qpsan(3))


# Cherrat et al.: RBS gates on one qubit for each value, with loaders and all 2^n amplitudes.
def RBS(a):
    c, s = np.cos(a), np.sin(a)
    return np.array([[1, 0, 0, 0], [0, c, s, 0], [0, -s, c, 0], [0, 0, 0, 1]], complex)


def layer(form, n, theta):
    pairs = []
    if form == "pyramid":
        for t in range(2 * n - 3):
            pairs += [(q, q + 1) for q in range(t % 2, min(t, 2 * n - 4 - t) + 1, 2)]
    elif form == "cross":
        for t in range(n - 1):
            pairs += [(t, t + 1)] + ([(n - 2 - t, n - 1 - t)] if n - 2 - t != t else [])
    else:
        bit = n // 2
        while bit:
            pairs += [(q, q | bit) for q in range(n) if not q & bit]
            bit //= 2
    assert len(pairs) == len(theta)
    return [(RBS(a), p, q) for a, (p, q) in zip(theta, pairs)]


def loader(x):
    """The chain of RBS that takes |10…0> to Σ x_i|e_i>."""
    x, g = x / np.linalg.norm(x), []
    for i in range(len(x) - 1):
        rest = np.linalg.norm(x[i + 1:]) if i < len(x) - 2 else x[-1]
        g.append((RBS(np.arctan2(rest, x[i])), i, i + 1))
    return g


def inverse(g):
    return [(m.conj().T, *qs) for m, *qs in reversed(g)]


def one_hot(n, q):
    return 1 << (n - 1 - q)


def rbs(form, values=False, squares=False, patchwise=False):
    def f(x, p):
        n = x.shape[1]
        out = {}
        if patchwise:
            out["probs"] = np.eye(len(x))
        else:
            w, s = layer(form, n, p["k.theta"]), np.zeros((len(x), len(x)))
            for i, xi in enumerate(x):
                for j, xj in enumerate(x):
                    psi = run(zero(n), [(X, 0)] + loader(xj) + w + inverse(loader(xi)))
                    s[i, j] = np.linalg.norm(psi[len(psi) // 2:]) ** 2  # qubit 0 is 1
            out["logits"] = s
        if values:
            rows = []
            for row in x:
                psi = run(zero(n), [(X, 0)] + loader(row) + layer(form, n, p["v.theta"]))
                rows.append([psi[one_hot(n, q)].real for q in range(n)])
            out["values"] = np.array(rows) ** (2 if squares else 1)
        return out
    return f


case("rbs patchwise", {"v.theta": ((6,), 1)}, rbs("pyramid", True, patchwise=True))
case("rbs patchwise squares", {"v.theta": ((4,), 1)}, rbs("butterfly", True, True, True))
case("rbs attention", {"k.theta": ((6,), 1)}, rbs("pyramid"))
case("rbs attention cross", {"k.theta": ((8,), 1), "v.theta": ((8,), 1)}, rbs("cross", True), width=10)


def compound(form, squares=False):
    def f(x, p):
        t, w = x.shape
        n = t + w
        psi = np.zeros(1 << n, complex)
        for i in range(t):
            for j in range(w):
                psi[one_hot(n, i) | one_hot(n, t + j)] = x[i, j] / np.linalg.norm(x)
        psi = run(psi, layer(form, n, p["theta"]))
        y = np.array([[psi[one_hot(n, i) | one_hot(n, t + j)].real for j in range(w)] for i in range(t)])
        y /= np.linalg.norm(y)
        v = np.zeros((n, n))  # the layer on one 1
        for c in range(n):
            e = np.zeros(1 << n, complex)
            e[one_hot(n, c)] = 1
            e = run(e, layer(form, n, p["theta"]))
            v[:, c] = [e[one_hot(n, a)].real for a in range(n)]
        shown = v[:t, :t] ** 2
        return {"probs": shown / shown.sum(-1, keepdims=True), "mixed": t * y ** 2 if squares else np.sqrt(t) * y}
    return f


case("rbs compound", {"theta": ((21,), 1)}, compound("pyramid"))
case("rbs compound cross", {"theta": ((9,), 1)}, compound("cross", True), width=6)


if __name__ == "__main__":
    json.dump(cases, sys.stdout)
    print()
