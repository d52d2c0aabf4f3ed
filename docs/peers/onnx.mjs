// Runs files of `hqvit export` in ONNX Runtime, on one thread. FOLDER is where `npm install --ignore-scripts onnxruntime-node` was run.
//
//   node docs/peers/onnx.mjs FOLDER run MODEL IN OUT SIZE...     IN and OUT are float32 numbers, SIZE... the shape of IN
//   node docs/peers/onnx.mjs FOLDER speed DIR [ROUNDS]           beside `hqvit bench`, from the project's root
//
// `run` is what the tests call, which compare whole test sets (docs/export.md). `speed` exports the run in DIR, and then lets hqvit and
// ONNX Runtime work in turn, in micro-batches of 1, 32 and 128 images; it prints medians, and the median of the ratios with its range.
import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [folder, what, ...rest] = process.argv.slice(2);
const ort = createRequire(join(resolve(folder), 'x'))('onnxruntime-node');
const open = path => ort.InferenceSession.create(path,
  { logSeverityLevel: 3, intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' });
const floats = path => { const b = readFileSync(path); return new Float32Array(b.buffer, b.byteOffset, b.length / 4); };

async function run(model, input, output, ...sizes) {
  const session = await open(model), data = floats(input), shape = sizes.map(Number);
  const row = shape.slice(1).reduce((a, b) => a * b, 1), out = Object.fromEntries(session.outputNames.map(n => [n, []]));
  for (let from = 0; from < shape[0]; from += 100) { // the last batch may be smaller
    const n = Math.min(100, shape[0] - from);
    const x = new ort.Tensor('float32', data.slice(from * row, (from + n) * row), [n, ...shape.slice(1)]);
    const y = await session.run({ [session.inputNames[0]]: x });
    for (const name of session.outputNames) out[name].push(Buffer.from(new Float32Array(y[name].data).buffer));
  }
  writeFileSync(output, Buffer.concat(session.outputNames.flatMap(n => out[n])));
}

const median = list => list.slice().sort((a, b) => a - b)[list.length >> 1];

async function speed(dir, rounds = 5) {
  const tmp = mkdtempSync(join(tmpdir(), 'onnx')), exe = join(tmp, 'hqvit'), model = join(tmp, 'model.onnx');
  execFileSync('go', ['build', '-o', exe, './cmd/hqvit']);
  execFileSync(exe, ['export', dir, model]);
  const info = JSON.parse(readFileSync(join(dir, 'summary.json')));
  const session = await open(model), shape = session.inputMetadata?.[0]?.shape;
  for (const batch of [1, 32, 128]) {
    const x = new ort.Tensor('float32', Float32Array.from({ length: batch * shape.slice(1).reduce((a, b) => a * b, 1) }, Math.random),
      [batch, ...shape.slice(1)]);
    const ours = [], theirs = [];
    for (let r = 0; r < rounds; r++) {
      const text = execFileSync(exe, ['bench', '--model', info.model, '--micro', batch, '--threads', '1', '--seconds', '0.3'], { encoding: 'utf8' });
      ours.push(+/infer_images_per_s=([\d.]+)/.exec(text)[1]);
      const rates = []; // the median of five, as hqvit bench has it
      for (let k = 0; k < 5; k++) {
        let n = 0; const start = performance.now();
        while (performance.now() - start < 300) { await session.run({ [session.inputNames[0]]: x }); n += batch; }
        rates.push(1000 * n / (performance.now() - start));
      }
      theirs.push(median(rates));
    }
    const ratios = ours.map((v, i) => v / theirs[i]);
    console.log(`${info.model} batch ${batch}: ratio median ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`
      + `  medians: ${median(ours).toFixed(0)} against ${median(theirs).toFixed(0)} images/s`);
  }
}

await ({ run, speed })[what](...rest);
