// The page on which models are tried.

import { element, get, percent, show, table } from './api.js';
import { Pad } from './pad.js';
import { drawMap, drawState, largest, peak, range } from './views.js';

const $ = (id) => document.getElementById(id);
const views = []; // of the models
let source = null; // a Blob that is shown in place of a drawing
let shots = [0], noises = [0], draw = 0;

const pad = new Pad($('ink'), $('cursor'), (going) => drawn(going), (text) => say(text));

// drawn takes what was drawn as the picture; a stroke that goes on too.
function drawn(going) {
  source = null;
  $('undo').disabled = pad.empty;
  $('source-status').textContent = pad.empty ? 'Nothing is drawn yet.' : 'Your drawing.';
  if (pad.empty) {
    for (const view of views) view.clear();
    stop();
    return;
  }
  ask(going);
}

// Asking: at most one question at a time, and the newest picture next.

let asking = null, again = false, unsaid = true;

async function ask(going = false) {
  unsaid = unsaid || !going;
  again = true;
  busy(true);
  if (asking) return;
  while (again && (source || !pad.empty)) {
    again = false;
    const mine = asking = new AbortController();
    const slow = setTimeout(() => { $('cancel').disabled = asking !== mine; }, 250);
    const body = source || await pad.file($('centre').checked);
    const answered = await Promise.all(views.map((view) => view.ask(body, mine.signal)));
    clearTimeout(slow);
    if (asking !== mine) return; // cancelled: somebody else goes on
    asking = null;
    $('cancel').disabled = true;
    if (!again && answered.every(Boolean)) announce();
  }
  busy(false);
}

function stop() {
  asking?.abort();
  asking = null;
  again = false;
  $('cancel').disabled = true;
  busy(false);
}

// brief says the answers beside the drawing area, where the results are out of sight.
function brief() {
  $('short').textContent = views.filter((v) => v.last).map((v) => `${v.info.id}: ${v.last.class}, ${percent(v.last.probability)}`).join('; ');
}

function busy(yes) { $('models').setAttribute('aria-busy', yes); }

let later;
function announce() {
  clearTimeout(later);
  later = setTimeout(() => {
    if (!unsaid) return;
    unsaid = false;
    say(views.filter((v) => v.last).map((v) => v.sentence()).join(' '));
  }, 500);
}

function say(text) { $('announce').textContent = text; }

// View is what is shown of a model.
class View {
  constructor(info) {
    this.info = info;
    this.root = $('model').content.cloneNode(true).querySelector('article');
    const id = `m${views.length}`;
    const name = this.find('.name');
    name.id = id;
    name.textContent = info.id;
    this.root.setAttribute('aria-labelledby', id);
    show(this.find('.facts'), `${info.model} on ${info.data}, ${info.parameters.toLocaleString('en')} parameters` +
      (info.angles ? `, ${info.angles} of them angles of circuits` : ''));
    this.find('.classes caption').textContent = `Probabilities of ${info.id}`;
    this.find('.looks .scroll').setAttribute('aria-label', `Rollout of ${info.id}`);
    this.makeRows(info.classes.slice(0, 12));
    if (info.circuit) this.prepareCircuit();
    $('models').append(this.root);
  }

  find(selector) { return this.root.querySelector(selector); }

  makeRows(classes) {
    this.rows = classes.map((name) => {
      const bar = element('div', { class: 'bar' });
      const row = element('tr', {}, element('th', { scope: 'row' }, name), element('td', { 'aria-hidden': 'true' }, bar),
        element('td', {}, '–'));
      return { name, row, bar };
    });
    this.find('tbody').replaceChildren(...this.rows.map((r) => r.row));
  }

  clear() {
    this.last = null;
    brief();
    this.find('.answer').firstChild.textContent = '–';
    this.find('.answer').replaceChildren(this.find('.answer').firstChild);
    show(this.find('.took'), '');
    this.find('.looks').hidden = true;
    this.find('.state').hidden = true;
    for (const r of this.rows) {
      r.bar.style.width = '0';
      r.row.lastChild.textContent = '–';
      r.row.classList.remove('best');
    }
  }

  // ask asks the model, and reports whether it has answered.
  async ask(body, signal) {
    const query = new URLSearchParams();
    if (this.info.shots.length) query.set('shots', shots[$('shots').value]);
    if (this.info.noise.length) query.set('noise', noises[$('noise').value]);
    if (query.get('shots') > 0) query.set('draw', draw);
    const start = performance.now();
    try {
      const answer = await get(`/api/v1/models/${encodeURIComponent(this.info.id)}/attention?${query}`,
        { method: 'POST', body, signal, headers: { 'Content-Type': 'application/octet-stream' } });
      const seen = Uint8Array.from(atob(answer.seen), (c) => c.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([seen], { type: 'image/png' }));
      if (signal.aborted) return false;
      this.last = answer;
      show(this.find('.model-problem'), '');
      this.showAnswer(answer, performance.now() - start);
      brief();
      this.showMaps(answer, bitmap);
      this.showState();
      return true;
    } catch (e) {
      if (e.name !== 'AbortError') {
        this.clear();
        show(this.find('.model-problem'), e.message);
        say(`${this.info.id}: ${e.message}`);
      }
      return false;
    }
  }

  sentence() {
    const [first, second] = this.last.classes;
    const also = second ? `, then ${second.class} with ${percent(second.probability)}` : '';
    return `${this.info.id} says ${first.class} with ${percent(first.probability)}${also}.`;
  }

  showAnswer(a, milliseconds) {
    this.find('.answer').replaceChildren(element('strong', {}, a.class), ` ${percent(a.probability)}`);
    if (this.info.classes.length > this.rows.length) this.makeRows(a.classes.slice(0, this.rows.length).map((c) => c.class));
    const of = new Map(a.classes.map((c) => [c.class, c.probability]));
    for (const r of this.rows) {
      const p = of.get(r.name);
      r.bar.style.width = `${100 * p}%`;
      r.row.lastChild.textContent = percent(p);
      r.row.classList.toggle('best', r.name === a.class);
    }
    const notes = [`${milliseconds.toFixed(0)} ms`];
    if (a.setting?.shots) notes.push(`${a.setting.shots.toLocaleString('en')} shots`);
    if (a.setting?.noise) notes.push(`noise ${a.setting.noise}`);
    if (a.inverted) notes.push('the picture was inverted');
    if (a.note) notes.push(a.note);
    show(this.find('.took'), notes.join('; '));
  }

  showMaps(a, bitmap) {
    this.find('.looks').hidden = false;
    this.map('.first', 0, bitmap, null, 0, 'what the model sees', '');
    if (!a.rollout) {
      this.find('.looks h4').textContent = 'What it sees';
      for (const e of this.root.querySelectorAll('.looks details, .looks > .note')) e.hidden = true;
      return;
    }
    this.map('.first', 1, bitmap, a.rollout, a.side, 'rollout of all blocks');
    let at = 0;
    a.blocks.forEach((block, b) => block.maps.forEach((map, h) =>
      this.map('.heads', at++, bitmap, map, a.side, block.maps.length > 1 ? `block ${b}, head ${h}` : `block ${b}`)));
    const rows = [];
    for (let r = 0; r < a.side; r++) {
      rows.push([`row ${r + 1}`, ...a.rollout.slice(r * a.side, (r + 1) * a.side).map((v) => v.toFixed(2))]);
    }
    this.find('.looks .scroll').replaceChildren(table('Attention of all blocks to each patch, as a multiple of an even share',
      ['', ...rows.map((_, i) => `column ${i + 1}`)], rows));
  }

  // map draws into the figure at a place, which it makes if it is not there.
  map(where, place, bitmap, shares, side, name) {
    const parent = this.find(where);
    const figure = parent.children[place] || parent.appendChild(element('figure', {}, element('canvas', { role: 'img' }),
      element('figcaption')));
    drawMap(figure.firstChild, bitmap, shares, side);
    figure.firstChild.setAttribute('aria-label', shares ? `${name}: ${peak(shares, side)}` : name);
    figure.lastChild.replaceChildren(element('b', {}, name), ...(shares ? [element('br'), range(shares)] : []));
  }

  prepareCircuit() {
    this.find('.circuits').hidden = false;
    this.find('.circuit').setAttribute('aria-label', `Circuit of ${this.info.id}`);
    this.find('.state .scroll').setAttribute('aria-label', `Basis states of ${this.info.id}`);
    for (const [name, count] of [['block', this.info.blocks], ['head', this.info.heads]]) {
      const select = this.find(`select.${name}`);
      for (let i = 0; i < count; i++) select.append(element('option', { value: i }, i));
      select.addEventListener('change', () => { this.showCircuit(); this.showState(); });
    }
    this.showCircuit();
  }

  async showCircuit() {
    const query = new URLSearchParams({ block: this.find('.block').value, head: this.find('.head').value });
    const path = `/api/v1/models/${encodeURIComponent(this.info.id)}/circuit?${query}`;
    this.find('.circuit img').src = `${path}&format=svg`;
    const qasm = this.find('.qasm');
    qasm.href = `${path}&format=qasm`;
    qasm.download = `${this.info.id}-block${query.get('block')}-head${query.get('head')}.qasm`;
    try {
      const c = await get(path);
      const n = c.resources;
      const words = `${n.qubits} qubits, ${n.total} gates, depth ${n.depth}, ${n.theta} learned angles`;
      this.find('.circuit img').alt = `Circuit of block ${c.block}, head ${c.head}: ${words}`;
      show(this.find('.legend'), `${words}. ${c.legend}.`);
    } catch (e) {
      show(this.find('.legend'), e.message);
    }
  }

  showState() {
    const block = this.find('.block').value, head = this.find('.head').value;
    const state = this.last?.blocks[block]?.states?.[head];
    this.find('.state').hidden = !state;
    if (!state) return;
    const canvas = this.find('.amplitudes');
    drawState(canvas, state);
    const rows = largest(state, 8);
    const [index, data] = [Math.log2(state.length), Math.log2(state[0].length)];
    this.find('.state figcaption').textContent = `|amplitude|² of the picture as head ${head} of block ${block} gets it, ` +
      `before its circuits: a row for each patch (${index} index qubits), a column for each of its values ` +
      `(${data} data qubits); darker, or in the dark style brighter, is more probable.`;
    canvas.setAttribute('aria-label', `Probabilities of ${state.length} by ${state[0].length} basis states; ` +
      `the largest is ${rows[0][0]} with ${rows[0][1]}`);
    this.find('.state .scroll').replaceChildren(table('Index and data qubits', ['state', 'probability'], rows));
  }
}

// Pictures from elsewhere.

async function take(blob, name) {
  if (!blob) return;
  source = blob;
  unsaid = true;
  try {
    pad.showPicture(await createImageBitmap(blob));
  } catch { // the model may read what a browser does not, or says what is wrong
    pad.showPicture(null);
  }
  $('undo').disabled = true;
  $('source-status').textContent = `${name}. Clear to draw.`;
  ask();
}

$('file').addEventListener('change', (e) => { take(e.target.files[0], e.target.files[0]?.name); e.target.value = ''; });
$('clear').addEventListener('click', () => { pad.clear(); say('cleared'); });
$('undo').addEventListener('click', () => pad.undo());
$('undo').disabled = true;
$('centre').addEventListener('change', () => ask());
$('cancel').addEventListener('click', () => { stop(); say('cancelled'); });
$('redraw').addEventListener('click', () => { draw++; unsaid = true; ask(); });
for (const name of ['dragover', 'dragenter']) {
  document.addEventListener(name, (e) => { e.preventDefault(); $('pad').classList.add('over'); });
}
for (const name of ['dragleave', 'drop']) document.addEventListener(name, () => $('pad').classList.remove('over'));
document.addEventListener('drop', (e) => {
  e.preventDefault();
  const file = e.dataTransfer.files[0];
  if (file) take(file, file.name);
});
document.addEventListener('paste', (e) => {
  const file = [...e.clipboardData.files][0];
  if (file) take(file, 'The picture that was pasted');
});

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => views.forEach((v) => v.showState()));

// Shots and noise.

function prepareDevice(models) {
  const widest = (key) => models.map((m) => m[key]).sort((a, b) => b.length - a.length)[0];
  const cyclic = [...widest('shots')];
  if (cyclic.length) shots = [0, ...cyclic.filter((v) => v > 0).reverse()]; // to the right: fewer, worse
  if (widest('noise').length) noises = widest('noise');
  for (const [name, list, text] of [['shots', shots, (v) => (v ? v.toLocaleString('en') : 'exact')],
    ['noise', noises, (v) => (v ? `p = ${v}` : 'none')]]) {
    const slider = $(name);
    slider.max = list.length - 1;
    $(`${name}-row`).hidden = list.length < 2;
    const label = () => {
      $(`${name}-value`).textContent = text(list[slider.value]);
      slider.setAttribute('aria-valuetext', text(list[slider.value]));
      $('redraw').disabled = !shots[$('shots').value];
    };
    label();
    slider.addEventListener('input', () => { label(); unsaid = true; ask(); });
  }
  $('device').hidden = shots.length < 2 && noises.length < 2;
}

// Samples.

async function prepareSamples(info) {
  const list = await get(`/api/v1/models/${encodeURIComponent(info.id)}/samples`);
  if (!list.samples.length) {
    show($('samples-why'), list.why && `No sample pictures: ${list.why}`);
    return;
  }
  $('samples').hidden = false;
  for (const name of new Set(list.samples.map((s) => s.class))) {
    const own = list.samples.filter((s) => s.class === name);
    let next = 0;
    const button = element('button', { type: 'button', 'aria-label': `Sample of class ${name}` }, name);
    button.addEventListener('click', async () => {
      const { index } = own[next++ % own.length];
      const response = await fetch(`/api/v1/models/${encodeURIComponent(info.id)}/samples/${index}`);
      take(await response.blob(), `Sample ${1 + (next - 1) % own.length} of class ${name}`);
    });
    $('sample-buttons').append(button);
  }
}

try {
  const { models } = await get('/api/v1/models');
  if (!models.length) throw new Error('No model is served: start hqvit serve with the directory of a run, or look at the runs.');
  for (const info of models.slice(0, 4)) views.push(new View(info));
  pad.setPaper(models[0].background === 'dark');
  $('centre').checked = models[0].background === 'dark';
  prepareDevice(models);
  await prepareSamples(models.find((m) => m.pictures) || models[0]);
} catch (e) {
  show($('problem'), e.message);
}
