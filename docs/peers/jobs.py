#!/usr/bin/python3
"""Runs the programs of a job (OpenQASM 2 or 3) by NumPy, which shares nothing with hqvit, and writes what hqvit counts reads.

    /usr/bin/python3 docs/peers/jobs.py JOBDIR RESULT.json SHOTS SEED     # NumPy 1.24

SHOTS are for all programs without a shift together, shared as the manifest recommends. The reader below knows the part of the languages that such programs
are written in: one register of qubits q and one of bits c, gates of the library with numbers for angles, gates that the program defines, and measurements.
Gates are matrices, written out from the OpenQASM 3 specification (stdgates.inc); phases of whole states do not matter. Counts are by the names of programs.
By its name ending, RESULT.list.json gets a list in the order of the manifest, RESULT.qiskit.json what RuntimeEncoder makes of a sampler's result.
"""
import base64, io, json, math, re, sys, zlib
import numpy as np

def u(t, p, l):
    return np.array([[math.cos(t / 2), -np.exp(1j * l) * math.sin(t / 2)], [np.exp(1j * p) * math.sin(t / 2), np.exp(1j * (p + l)) * math.cos(t / 2)]])

def controlled(m):
    out = np.eye(2 * len(m), dtype=complex)
    out[len(m):, len(m):] = m
    return out

X, SWAP = u(math.pi, 0, math.pi), np.eye(4)[[0, 2, 1, 3]]
GATES = {"x": lambda: X, "h": lambda: u(math.pi / 2, 0, math.pi), "z": lambda: np.diag([1, -1]), "s": lambda: np.diag([1, 1j]), "sdg": lambda: np.diag([1, -1j]),
         "t": lambda: np.diag([1, np.exp(0.25j * math.pi)]), "tdg": lambda: np.diag([1, np.exp(-0.25j * math.pi)]), "sx": lambda: (np.eye(2) - 1j * X) * (1 + 1j) / 2,
         "rx": lambda t: u(t, -math.pi / 2, math.pi / 2), "ry": lambda t: u(t, 0, 0), "rz": lambda t: np.diag([np.exp(-0.5j * t), np.exp(0.5j * t)]),
         "p": lambda l: u(0, 0, l), "u": u, "u3": u, "U": u, "cx": lambda: controlled(X), "cz": lambda: controlled(np.diag([1, -1])), "swap": lambda: SWAP,
         "cswap": lambda: controlled(SWAP), "ccx": lambda: controlled(controlled(X)), "cp": lambda l: controlled(u(0, 0, l))}

def apply(psi, m, qubits):
    k = len(qubits)
    psi = np.tensordot(m.reshape([2] * 2 * k), psi, (range(k, 2 * k), qubits))
    return np.moveaxis(psi, range(k), qubits)

def number(text, names={}):
    assert re.fullmatch(r"[-+*/(). \w]*", text), text
    return eval(text, {"__builtins__": {}}, {"pi": math.pi, **names})

def call(psi, text, qubit, names, defined):
    name, _, angles, operands = re.fullmatch(r"(\w+)(\((.*)\))? +([^()]*)", text).groups()
    angles = [number(a, names) for a in angles.split(",")] if angles else []
    qubits = [qubit[o.strip()] for o in operands.split(",")]
    if name not in defined:
        return apply(psi, GATES[name](*angles), qubits)
    params, inner, body = defined[name]
    for line in body:
        psi = call(psi, line, dict(zip(inner, qubits)), dict(zip(params, angles)), defined)
    return psi

def run(text):
    """The probabilities of the outcomes, an axis for each bit, c[0] first."""
    defined, measured = {}, {}
    text = re.sub(r"//.*", "", text)
    for name, _, params, inner, body in re.findall(r"gate (\w+)(\(([^)]*)\))? ([^{]*)\{([^}]*)\}", text):
        split = lambda s, by: [p.strip() for p in s.split(by) if p.strip()]
        defined[name] = split(params, ","), split(inner, ","), split(body, ";")
    statements = [s.strip() for s in re.sub(r"gate [^}]*\}", "", text).split(";") if s.strip()]
    n = int(re.search(r"(?:qreg q|qubit)\[(\d+)\]", text).group(1))
    touched = sorted({int(q) for q in re.findall(r"q\[(\d+)\]", " ".join(s for s in statements if not re.match("qreg|qubit|creg|bit", s)))} or range(n))
    if re.search(r"c = measure q;|measure q -> c;", text):
        touched = list(range(n))
    place = {"q[%d]" % q: i for i, q in enumerate(touched)}
    psi = np.zeros([2] * len(touched), dtype=complex)
    psi[(0,) * len(touched)] = 1
    for s in statements:
        if re.match("OPENQASM|include|qreg|qubit|creg|bit", s):
            continue
        m = re.fullmatch(r"c\[(\d+)\] = measure (q\[\d+\])", s) or re.fullmatch(r"measure (?P<q>q\[\d+\]) -> c\[(?P<b>\d+)\]", s)
        if m and "q" in m.groupdict():
            measured[int(m["b"])] = place[m["q"]]
        elif m:
            measured[int(m[1])] = place[m[2]]
        elif re.fullmatch(r"c = measure q|measure q -> c", s):
            measured = {q: q for q in range(n)}
        else:
            assert not measured, "a gate behind a measurement: " + s
            psi = call(psi, s, place, {}, defined)
    axes = [measured[b] for b in range(len(measured))]
    p = np.abs(psi) ** 2
    p = p.sum(tuple(i for i in range(p.ndim) if i not in axes)) if p.ndim > len(axes) else p
    return np.transpose(p, [sorted(axes).index(a) for a in axes])

def sampler(counts, bits):
    """A sampler's result as RuntimeEncoder writes it."""
    pubs = []
    for c in counts:
        rows = [list(int(k, 2).to_bytes((bits + 7) // 8, "big")) for k, n in c.items() for _ in range(n)]
        file = io.BytesIO()
        np.save(file, np.array(rows, dtype=np.uint8), allow_pickle=False)
        array = {"__type__": "ndarray", "__value__": base64.standard_b64encode(zlib.compress(file.getvalue())).decode()}
        data = {"field_names": ["c"], "shape": [], "fields": {"c": {"__type__": "BitArray", "__value__": {"array": array, "num_bits": bits}}}}
        pubs.append({"__type__": "SamplerPubResult", "__value__": {"data": {"__type__": "DataBin", "__value__": data}, "metadata": {}}})
    return {"__type__": "PrimitiveResult", "__value__": {"pub_results": pubs, "metadata": {"version": 2}}}

directory, result, shots, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
manifest, random, counts = json.load(open(directory + "/manifest.json")), np.random.default_rng(seed), []
for program in manifest["programs"]:
    p = run(open("%s/%s.qasm" % (directory, program["name"])).read())
    drawn = random.multinomial(max(1, round(program["shots"] * shots / manifest["shots"])), p.ravel() / p.sum())
    counts.append({format(i, "0%db" % p.ndim)[::-1]: int(n) for i, n in enumerate(drawn) if n}) # c[0] on the right
named = {program["name"]: c for program, c in zip(manifest["programs"], counts)}
form = sampler(counts, p.ndim) if result.endswith(".qiskit.json") else counts if result.endswith(".list.json") else named
json.dump(form, open(result, "w"))
