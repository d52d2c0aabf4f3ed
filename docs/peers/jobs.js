// Runs the programs of a job (OpenQASM 2) by an independent simulator, the npm package quantum-circuit 0.9.250, and
// writes what `hqvit counts` reads: counts of each program by its name, c[0] on the right.
//
//	npm install quantum-circuit@0.9.250
//	NODE_PATH=node_modules node docs/peers/jobs.js JOBDIR RESULT.json SHOTS SEED
//
// SHOTS are for all programs without a shift together, shared as the manifest recommends. Of hqvit it uses the
// manifest's names, shots and number of bits; what a program measures it takes from the program. The simulator's state
// is read at the end (index: qubit 0 is the lowest bit), with the measurements left out, and the outcomes are drawn here.
const fs = require("fs"), path = require("path");
const QuantumCircuit = require("quantum-circuit");

const [dir, result, shots, seed] = process.argv.slice(2);
const manifest = JSON.parse(fs.readFileSync(path.join(dir, "manifest.json"), "utf8"));

// mulberry32, uniform in [0,1)
let state = Number(seed) >>> 0;
function uniform() {
	state = (state + 0x6d2b79f5) >>> 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

// run returns the probabilities of the outcomes of a program, by texts with c[0] on the right.
function run(source) {
	const measured = []; // by bit
	const gates = source.split("\n").filter((line) => {
		const m = line.match(/^measure q\[(\d+)\] -> c\[(\d+)\];$/);
		if (m) measured[Number(m[2])] = Number(m[1]);
		return !line.startsWith("measure") && !line.startsWith("//") && !line.startsWith("creg");
	}).join("\n");
	const whole = source.match(/^measure q -> c;$/m);
	const circuit = new QuantumCircuit();
	let wrong = null;
	circuit.importQASM(gates, (errors) => { if (errors && errors.length) wrong = errors; });
	if (wrong) throw new Error(JSON.stringify(wrong[0]));
	if (whole) for (let q = 0; q < circuit.numQubits; q++) measured[q] = q;
	circuit.run();
	const p = new Map();
	for (const index in circuit.state) {
		const a = circuit.state[index], i = Number(index);
		let text = "";
		for (const q of measured) text = (Math.floor(i / 2 ** q) % 2) + text;
		p.set(text, (p.get(text) || 0) + a.re * a.re + a.im * a.im);
	}
	return p;
}

// draw returns how often each outcome comes in n runs.
function draw(p, n) {
	const names = [...p.keys()].sort(), sums = [];
	let total = 0;
	for (const name of names) sums.push((total += p.get(name)));
	const counts = {};
	for (let shot = 0; shot < n; shot++) {
		const u = uniform() * total;
		let low = 0, high = names.length - 1;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (sums[middle] > u) high = middle; else low = middle + 1;
		}
		counts[names[low]] = (counts[names[low]] || 0) + 1;
	}
	return counts;
}

const out = {};
for (const program of manifest.programs) {
	const source = fs.readFileSync(path.join(dir, program.name + ".qasm"), "utf8");
	const p = run(source);
	out[program.name] = draw(p, Math.max(1, Math.round((program.shots * Number(shots)) / manifest.shots)));
}
fs.writeFileSync(result, JSON.stringify(out) + "\n");
