#!/usr/bin/python3
"""Golden numbers for quantum attention from an independent NumPy simulation of the literal circuit, and the rank table of docs/math.md.

    /usr/bin/python3 docs/peers/attention_golden.py golden    # the constants in qops/scores_test.go
    /usr/bin/python3 docs/peers/attention_golden.py rank      # the table in docs/math.md, section 2

Everything is by state vectors in extended precision: amplitude encoding, two registers, an ancilla, controlled swaps, and the probabilities of the
ancilla with both index registers. Gradients are central differences of fourth order of that. Qubit 0 is the most significant bit.
"""
import sys
import numpy as np

R, C = np.longdouble, np.clongdouble


def apply(psi, gate, qubits, n):
    """Apply a 2^k square gate to the given qubits of a state (2^n, ...)."""
    k, rest = len(qubits), psi.shape[1:]
    t = np.moveaxis(psi.reshape((2,) * n + rest), qubits, range(k))
    shape = t.shape
    t = (gate @ t.reshape(2**k, -1)).reshape(shape)
    return np.moveaxis(t, range(k), qubits).reshape((2**n,) + rest)


def ry(a):
    c, s = np.cos(R(a) / 2), np.sin(R(a) / 2)
    return np.array([[c, -s], [s, c]], dtype=C)


def rz(a):
    h = R(a) / 2
    return np.array([[np.cos(h) - 1j * np.sin(h), 0], [0, np.cos(h) + 1j * np.sin(h)]], dtype=C)


CX = np.eye(4, dtype=C)[[0, 1, 3, 2]]
H = np.array([[1, 1], [1, -1]], dtype=C) / np.sqrt(R(2))
CSWAP = np.eye(8, dtype=C)[[0, 1, 2, 3, 4, 6, 5, 7]]


def ansatz(psi, theta, qubits, n, phases):
    """Layers of RY (and RZ, if phases) on every qubit and a ring of CX q -> q+1, on the given qubits of an n-qubit state."""
    k = len(qubits)
    theta = np.reshape(theta, (-1, k, 2 if phases else 1))
    for layer in theta:
        for q, angles in zip(qubits, layer):
            psi = apply(psi, ry(angles[0]), [q], n)
            if phases:
                psi = apply(psi, rz(angles[1]), [q], n)
        for i in range(k if k > 1 else 0):
            psi = apply(psi, CX, [qubits[i], qubits[(i + 1) % k]], n)
    return psi


def swap_test(x, theta, phi, phases=True):
    """P(ancilla, i, j) of a (T, d) matrix: the literal circuit on 2 log2(T d) + 1 qubits."""
    t, d = x.shape
    m, n = t.bit_length() - 1, d.bit_length() - 1
    e = (x / np.sqrt((x * x).sum())).astype(C).ravel()
    total = 1 + 2 * (m + n)
    psi = np.kron(np.array([1, 0], dtype=C), np.kron(e, e))
    data_q, data_k = [1 + m + i for i in range(n)], [1 + 2 * m + n + i for i in range(n)]
    psi = ansatz(psi, theta, data_q, total, phases)
    psi = ansatz(psi, phi, data_k, total, phases)
    psi = apply(psi, H, [0], total)
    for a, b in zip(data_q, data_k):
        psi = apply(psi, CSWAP, [0, a, b], total)
    psi = apply(psi, H, [0], total)
    p = (psi * psi.conj()).real.reshape(2, t, d, t, d)
    return p.sum(axis=(2, 4))


def wave(shape, step, shift):
    """Values without symmetry that both languages compute alike: sin(step*i + shift)."""
    i = np.arange(int(np.prod(shape)))
    return np.sin(R(step) * i + R(shift)).reshape(shape)


def derivative(f, x):
    g, h = np.zeros(x.size, dtype=R), R(1) / 1024
    for i in range(x.size):
        v = []
        for o in (-2, -1, 1, 2):
            y = x.copy().ravel()
            y[i] += o * h
            v.append(f(y.reshape(x.shape)))
        g[i] = (v[0] - 8 * v[1] + 8 * v[2] - v[3]) / (12 * h)
    return g


def show(name, a):
    print("%s = {%s}" % (name, ", ".join("%.15g" % v for v in np.ravel(a))))


def golden():
    x, theta, phi, weight = wave((4, 4), 1.7, 0.3), wave(8, 2.3, 0.5), wave(8, 0.9, 1.1), wave((4, 4), 0.7, 0.2)
    p = swap_test(x, theta, phi)
    show("P(0,i,j)", p[0])
    show("P(1,i,j)", p[1])
    show("S", p[0] - p[1])
    show("P(0,i,j)/sum_j", p[0] / p[0].sum(axis=1, keepdims=True))
    show("P(0|i,j)", p[0] / (p[0] + p[1]))

    def loss(x, theta, phi):
        p = swap_test(x, theta, phi)
        return (weight * (p[0] - p[1])).sum()

    show("dx", derivative(lambda v: loss(v, theta, phi), x))
    show("dtheta", derivative(lambda v: loss(x, v, phi), theta))
    show("dphi", derivative(lambda v: loss(x, theta, v), phi))


def rank():
    print("| layers | " + " | ".join("n = %d" % n for n in range(2, 7)) + " |")
    print("|---|---|---|---|---|---|")
    for layers in (1, 2, 3):
        row = []
        for n in range(2, 7):
            r = np.random.default_rng(1)
            a = r.normal(size=2 * layers * n)

            def w(v):
                eye = np.eye(2**n, dtype=C)
                q = ansatz(eye, v[: layers * n], range(n), n, False)
                k = ansatz(eye, v[layers * n :], range(n), n, False)
                return (q.conj().T @ k).real.astype(float).ravel()

            jac = np.array([(w(a + h) - w(a - h)) / 2e-4 for h in np.eye(a.size) * 1e-4])
            row.append("%d of %d" % (np.linalg.matrix_rank(jac, tol=1e-5), a.size))
        print("| %d | %s |" % (layers, " | ".join(row)))


if __name__ == "__main__":
    {"golden": golden, "rank": rank}[sys.argv[1]]()
