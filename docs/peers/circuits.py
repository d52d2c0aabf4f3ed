#!/usr/bin/python3
"""Golden values and gradients of random circuits from NumPy, which share nothing with hqvit except the names of the gates.

    /usr/bin/python3 docs/peers/circuits.py qops/statevec/testdata/circuits.json.gz     # NumPy 1.24, seed 1; seconds

Every gate is written out here from its standard: OpenQASM 3 (stdgates.inc; u and cu with the phase of OpenQASM 2 and Qiskit), Qiskit for iswap, rxx,
ryy, rzz, rzx, arXiv:2209.08167 for rbs, PennyLane's SingleExcitation for givens. A circuit is the product of dense 2^n x 2^n matrices in complex128,
each a Kronecker product with its qubits permuted into place; qubit 0 is the most significant bit. Of L = sum of w[r,k]<O_k> over rows r and observables k,

    dL/da       = 2 Re <psi| U' K (after dG/da before) |psi>     with the whole matrices before and after the gate, for every angle a of every gate G
    dL/d(re,im) = 2 (Re, Im) of U'KU psi                          for the amplitudes of the input

where dG/da is written out as well, and checked against central differences. There is no adjoint sweep. Inputs have three decimals, results twelve.
"""
import gzip
import json
import sys
import numpy as np

I2, X, Y, Z = np.eye(2), np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
PAULI = {"I": I2, "X": X, "Y": Y, "Z": Z}


def dense(word):
    out = np.eye(1)
    for letter in word:
        out = np.kron(out, PAULI[letter])
    return out


def swapped(a, b):
    """The gate that is 1 on |00> and |11> and [[a, b], [b', a]] or the like on |01>, |10>."""
    out = np.eye(4, dtype=complex)
    out[1:3, 1:3] = [[a[0], a[1]], [b[0], b[1]]]
    return out


# Gates without an angle.
FIXED = {
    "id": I2, "x": X, "y": Y, "z": Z, "h": H, "s": np.diag([1, 1j]), "sdg": np.diag([1, -1j]),
    "t": np.diag([1, np.exp(1j * np.pi / 4)]), "tdg": np.diag([1, np.exp(-1j * np.pi / 4)]),
    "sx": np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2, "sxdg": np.array([[1 - 1j, 1 + 1j], [1 + 1j, 1 - 1j]]) / 2,
    "swap": swapped((0, 1), (1, 0)), "iswap": swapped((0, 1j), (1j, 0)), "iswapdg": swapped((0, -1j), (-1j, 0)),
}


def rotation(generator):
    """exp(-i a G) and its derivative."""
    w, v = np.linalg.eigh(generator)

    def gate(a):
        m = (v * np.exp(-1j * a * w)) @ v.conj().T
        return m, [-1j * generator @ m]
    return gate


def phase(a):
    e = np.exp(1j * a)
    return np.diag([1, e]), [np.diag([0, 1j * e])]


def u(theta, phi, lam):
    c, s, p, l = np.cos(theta / 2), np.sin(theta / 2), np.exp(1j * phi), np.exp(1j * lam)
    m = np.array([[c, -l * s], [p * s, p * l * c]])
    return m, [np.array([[-s, -l * c], [p * c, -p * l * s]]) / 2, np.array([[0, 0], [1j * p * s, 1j * p * l * c]]),
               np.array([[0, -1j * l * s], [0, 1j * p * l * c]])]


def u2(phi, lam):
    m, d = u(np.pi / 2, phi, lam)
    return m, d[1:]


def gamma_u(theta, phi, lam, gamma):
    m, d = u(theta, phi, lam)
    e = np.exp(1j * gamma)
    return e * m, [e * x for x in d] + [1j * e * m]


def rbs(a):
    c, s = np.cos(a), np.sin(a)
    d = np.zeros((4, 4), dtype=complex)
    d[1:3, 1:3] = [[-s, c], [-c, -s]]
    return swapped((c, s), (-s, c)), [d]


def givens(a):
    c, s = np.cos(a / 2), np.sin(a / 2)
    d = np.zeros((4, 4), dtype=complex)
    d[1:3, 1:3] = [[-s / 2, -c / 2], [c / 2, -s / 2]]
    return swapped((c, -s), (s, c)), [d]


# Gates with angles: (number of angles, qubits, function).
ANGLED = {"p": (1, 1, phase), "u": (3, 1, u), "u2": (2, 1, u2), "rbs": (1, 2, rbs), "givens": (1, 2, givens)}
for word in ["X", "Y", "Z", "XX", "YY", "ZZ", "ZX"]:
    ANGLED["r" + word.lower()] = (1, len(word), rotation(dense(word) / 2))

# Gates with controls in front: (number of controls, what they control).
CONTROLLED = {"cx": (1, "x"), "cy": (1, "y"), "cz": (1, "z"), "ch": (1, "h"), "cp": (1, "p"), "crx": (1, "rx"), "cry": (1, "ry"), "crz": (1, "rz"),
              "cu": (1, "gamma_u"), "ccx": (2, "x"), "ccz": (2, "z"), "cswap": (1, "swap")}
BASE = dict(ANGLED, gamma_u=(4, 1, gamma_u))
NAMES = sorted(FIXED) + sorted(ANGLED) + sorted(CONTROLLED) + ["pauli", "diagonal", "unitary", "evolution"]


def parsed(g):
    """The number of built-in controls of a gate, and the function of what they control."""
    name, own = g["name"], 0
    if name in CONTROLLED:
        own, name = CONTROLLED[name]
    if name in FIXED:
        return own, lambda: (FIXED[name], [])
    if name in BASE:
        return own, BASE[name][2]
    numbers = np.array(g.get("re", [])) + 1j * np.array(g.get("im", []))
    return own, {"pauli": lambda: rotation(dense(g["word"]) / 2), "diagonal": lambda: lambda: (np.diag(np.exp(1j * np.array(g["phases"]))), []),
                 "unitary": lambda: lambda: (square(numbers), []), "evolution": lambda: rotation(square(numbers))}[name]()


def square(x):
    d = int(np.sqrt(len(x)))
    return x.reshape(d, d)


def controlled(m, controls, elsewhere):
    out = elsewhere * np.eye(len(m) << controls, dtype=complex)
    out[-len(m):, -len(m):] = m
    return out


def placed(m, qubits, n):
    """The gate (x) identity, its axes permuted from (qubits, rest) into order."""
    order = list(qubits) + [q for q in range(n) if q not in qubits]
    full = np.kron(m, np.eye(2 ** (n - len(qubits)))).reshape((2,) * (2 * n))
    back = [order.index(q) for q in range(n)]
    return full.transpose(back + [n + b for b in back]).reshape(2**n, 2**n)


def matrices(g, values, n):
    own, gate = parsed(g)
    m, slopes = gate(*values)
    for i, d in enumerate(slopes):  # the derivatives written out above against differences
        step = np.eye(len(values))[i] * 1e-6
        diff = (gate(*(values + step))[0] - gate(*(values - step))[0]) / 2e-6
        assert np.abs(diff - d).max() < 1e-8, g
    assert np.abs(m @ m.conj().T - np.eye(len(m))).max() < 1e-12, g
    controls, touched = own + len(g["controls"]), g["controls"] + g["qubits"]
    return placed(controlled(m, controls, 1), touched, n), [placed(controlled(d, controls, 0), touched, n) for d in slopes]


def value(a, theta, data):
    source, index, scale, shift = a
    return shift if source == "const" else scale * {"theta": theta, "data": data}[source][index] + shift


def solve(c):
    n, rows = c["qubits"], len(c["in"])
    observables = [sum(t["coefficient"] * dense(t["pauli"]) for t in o) for o in c["observables"]]
    dtheta = np.zeros(len(c["theta"]))
    c.update(out=[], values=[], din=[], ddata=[])
    for r in range(rows):
        data = c["data"][r]
        psi = np.array(c["in"][r])[0::2] + 1j * np.array(c["in"][r])[1::2]
        parts = [matrices(g, np.array([value(a, c["theta"], data) for a in g["angles"]]), n) for g in c["gates"]]
        before = [np.eye(2**n, dtype=complex)]
        for m, _ in parts:
            before.append(m @ before[-1])
        after = [np.eye(2**n, dtype=complex)]
        for m, _ in reversed(parts):
            after.append(after[-1] @ m)
        after = after[::-1][1:]
        full, k = before[-1], sum(w * o for w, o in zip(c["weights"][r], observables))
        out = full @ psi
        bra, ddata = (k @ out).conj(), np.zeros(len(data))
        for g, (_, slopes), b, a in zip(c["gates"], parts, before, after):
            for (source, index, scale, _), d in zip(g["angles"], slopes):
                if source != "const":
                    {"theta": dtheta, "data": ddata}[source][index] += scale * 2 * (bra @ (a @ (d @ (b @ psi)))).real
        din = 2 * (full.conj().T @ k @ full @ psi)
        c["out"].append(pairs(out))
        c["values"].append([(out.conj() @ o @ out).real for o in observables])
        c["din"].append(pairs(din))
        c["ddata"].append(list(ddata))
    c["dtheta"] = list(dtheta)


def pairs(x):
    return np.stack([x.real, x.imag], axis=1).ravel().tolist()


rng = np.random.default_rng(1)


def decimals(*shape):
    return np.round(rng.normal(size=shape), 3)


def draw_angle(thetas, width):
    scale, shift = (1.0, 0.0) if rng.integers(2) else (float(decimals()), float(decimals()))
    kind = rng.integers(3)
    if kind == 0:
        return ["const", 0, 0.0, float(decimals())]
    return ["theta", int(rng.integers(thetas)), scale, shift] if kind == 1 else ["data", int(rng.integers(width)), scale, shift]


def draw_gate(name, n, thetas, width):
    g, count = {"name": name}, 0
    if name == "pauli":
        k, count = int(rng.integers(1, min(n, 5) + 1)), 1
        g["word"] = "".join(rng.choice(list("IXYZ"), k - 1)) + str(rng.choice(list("XYZ")))
    elif name in ("diagonal", "unitary", "evolution"):
        k, count = int(rng.integers(1, min(n, 3) + 1)), int(name == "evolution")
        if name == "diagonal":
            g["phases"] = decimals(2**k).tolist()
        else:
            m = decimals(2**k, 2**k) + 1j * decimals(2**k, 2**k)
            m = np.linalg.qr(m)[0] if name == "unitary" else np.triu(m, 1) + np.triu(m, 1).conj().T + np.diag(m.diagonal().real)
            g["re"], g["im"] = m.real.ravel().tolist(), m.imag.ravel().tolist()
    else:
        own, base = CONTROLLED.get(name, (0, name))
        count, width_of = (BASE[base][0], BASE[base][1]) if base in BASE else (0, int(np.log2(len(FIXED[base]))))
        k = own + width_of
    if k > n:
        return None
    order = [int(q) for q in rng.permutation(n)]
    more = min(n - k, int(rng.integers(0, 3)) * int(rng.integers(0, 2)))
    g.update(controls=order[k:k + more], qubits=order[:k], angles=[draw_angle(thetas, width) for _ in range(count)])
    return g


def draw(number, n):
    rows, thetas, width = (2 if n <= 4 else 1), 4, 3
    gates = []
    while len(gates) < 10:  # every gate comes first in some circuit
        name = NAMES[number % len(NAMES)] if not gates else str(rng.choice(NAMES))
        gates += [g for g in [draw_gate(name, n, thetas, width)] if g] or ([draw_gate("ry", n, thetas, width)] if not gates else [])
    states = decimals(rows, 2 * 2**n)
    states = np.round(states / np.linalg.norm(states, axis=1, keepdims=True), 3)
    words = ["".join(rng.choice(list("IXYZ"), n)) for _ in range(4)]
    observables = [[{"coefficient": float(decimals()), "pauli": w} for w in words[:3]], [{"coefficient": float(decimals()), "pauli": words[3]}]]
    return {"qubits": n, "gates": gates, "theta": decimals(thetas).tolist(), "data": decimals(rows, width).tolist(), "in": states.tolist(),
            "observables": observables, "weights": decimals(rows, 2).tolist()}


def rounded(x):
    if isinstance(x, float):
        return round(x, 12)
    if isinstance(x, list):
        return [rounded(v) for v in x]
    return x


def main(path):
    sizes = [1] * 16 + [2] * 28 + [3] * 40 + [4] * 44 + [5] * 44 + [6] * 20 + [7] * 12 + [8] * 12
    circuits = []
    for number, n in enumerate(sizes):
        c = draw(number, n)
        solve(c)
        for key in ("out", "values", "din", "ddata", "dtheta"):
            c[key] = rounded(c[key])
        circuits.append(c)
    text = json.dumps({"command": "/usr/bin/python3 docs/peers/circuits.py " + path, "circuits": circuits}, separators=(",", ":"))
    with open(path, "wb") as f, gzip.GzipFile("", "wb", 9, f, mtime=0) as z:
        z.write(text.encode())
    print(len(circuits), "circuits,", len(text), "bytes,", sum(len(c["gates"]) for c in circuits), "gates")


main(sys.argv[1])
