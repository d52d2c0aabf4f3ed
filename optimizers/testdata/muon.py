# Prints the goldens of muon_test.go: python3 testdata/muon.py
# Written for NumPy 1.24, from the definitions: torch.optim.Muon of PyTorch 2.9 (adjust_lr_fn "match_rms_adamw"), and
# AdamWScheduleFree of facebookresearch/schedule_free 1.4. The task is that of the test, 20 steps in float64.
import numpy as np


def gradients(w, k, b, t):
    return (w ** 3 - 0.5 * np.sin(np.arange(6.0).reshape(2, 3) + t), k - np.cos(np.arange(12.0).reshape(3, 2, 2, 1) * t),
            np.cos(3 * b + t))


def start():
    return (np.array([[0.5, -1.25, 2.0], [0.75, -0.1, 3.5]]), np.sin(np.arange(12.0)).reshape(3, 2, 2, 1),
            np.array([0.3, -0.7]))


def newton_schulz(g, steps):
    x = g.reshape(g.shape[0], -1)
    if x.shape[0] > x.shape[1]:
        return newton_schulz(x.T, steps).T.reshape(g.shape)
    x = x / (np.sqrt((x ** 2).sum()) + 1e-7)
    for _ in range(steps):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.reshape(g.shape)


def adamw(state, p, g, t, lr, decay, b1=0.9, b2=0.999, eps=1e-8):
    m, v = state
    m[:], v[:] = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
    p *= 1 - lr * decay
    p -= lr / (1 - b1 ** t) * m / (np.sqrt(v) / np.sqrt(1 - b2 ** t) + eps)


def muon(lr, decay, momentum, nesterov, steps):
    w, k, b = start()
    mw, mk, state = np.zeros_like(w), np.zeros_like(k), (np.zeros(2), np.zeros(2))
    for t in range(20):
        gw, gk, gb = gradients(w, k, b, t)
        for p, g, m in (w, gw, mw), (k, gk, mk):
            m[:] = momentum * m + (1 - momentum) * g
            u = (1 - momentum) * g + momentum * m if nesterov else m
            rows, cols = p.shape[0], p.size // p.shape[0]
            p *= 1 - lr * decay
            p -= lr * 0.2 * np.sqrt(max(rows, cols)) * newton_schulz(u, steps)
        adamw(state, b, gb, t + 1, lr, 0)
    return [w, k, b]


def schedule_free(lr, decay, warmup, b1=0.9, b2=0.999, eps=1e-8):
    ys = start()
    zs, vs, total = [y.copy() for y in ys], [np.zeros_like(y) for y in ys], 0
    for t in range(20):
        rate = lr * min((t + 1) / (warmup + 1), 1)
        total += rate ** 2
        c = rate ** 2 / total
        for i, g in enumerate(gradients(*ys, t)):
            vs[i] = b2 * vs[i] + (1 - b2) * g * g
            g = g / (np.sqrt(vs[i] / (1 - b2 ** (t + 1))) + eps) + (decay if i < 2 else 0) * ys[i]
            ys[i][:] = ys[i] + c * (zs[i] - ys[i])
            ys[i][:] += rate * (b1 * (1 - c) - 1) * g
            zs[i] -= rate * g
    return [y for y in ys] + [y + (1 - 1 / b1) * (z - y) for y, z in zip(ys, zs)]


for values in muon(0.05, 0.1, 0.95, True, 5), muon(0.05, 0.0, 0.8, False, 3), schedule_free(0.05, 0.1, 4):
    print(", ".join(repr(float(v)) for p in values for v in p.ravel()), end=",\n\n")
