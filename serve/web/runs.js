// The page of the runs in a directory.

import { element, get, percent, show, table } from './api.js';

const $ = (id) => document.getElementById(id);
const every = 3000; // milliseconds
let chosen = decodeURIComponent(location.hash.slice(1));
let states = new Map(), shownEpoch = '', shownStudies = '';

const number = (v) => (v === null || v === undefined ? '–' : percent(v));

async function look() {
  try {
    const list = await get('/api/v1/runs');
    show($('problem'), '');
    $('dir').textContent = list.runs.length ? `In ${list.dir}, the newest first` : `There is no run in ${list.dir} yet`;
    showRuns(list.runs);
    showStudies(list.studies);
    tell(list.runs);
    if (chosen) await showRun();
  } catch (e) {
    show($('problem'), e.message);
  }
}

// showRuns writes the rows of the table anew where they changed, so that the focus stays.
function showRuns(runs) {
  const body = $('runs').tBodies[0];
  const old = new Map([...body.rows].map((row) => [row.dataset.id, row]));
  for (const [i, run] of runs.entries()) {
    const row = old.get(run.id) || makeRow(run.id);
    old.delete(run.id);
    row.classList.toggle('chosen', run.id === chosen);
    row.firstChild.firstChild.setAttribute('aria-pressed', run.id === chosen);
    const texts = [run.model || '–', run.data || '–', run.seed, run.state, `${run.epoch} of ${run.epochs || '?'}`,
      number(run.val_accuracy), number(run.test_accuracy)];
    texts.forEach((text, k) => { row.children[k + 1].textContent = text; });
    row.children[4].className = `state-${run.state}`;
    if (body.rows[i] !== row) body.insertBefore(row, body.rows[i] || null);
  }
  for (const row of old.values()) row.remove();
}

function makeRow(id) {
  const button = element('button', { type: 'button' }, id);
  button.addEventListener('click', () => choose(id));
  const row = element('tr', {}, element('th', { scope: 'row' }, button));
  for (let i = 0; i < 7; i++) row.append(element('td'));
  row.dataset.id = id;
  return row;
}

async function choose(id) {
  chosen = id;
  shownEpoch = '';
  history.replaceState(null, '', `#${encodeURIComponent(id)}`);
  await look();
  $('run-title').focus();
}

async function showRun() {
  let run;
  try {
    run = await get(`/api/v1/history?id=${encodeURIComponent(chosen)}`);
  } catch (e) {
    chosen = '';
    throw e;
  }
  $('run').hidden = false;
  $('run-title').textContent = run.id;
  const last = run.rows.at(-1);
  $('run-facts').textContent = `${run.model} on ${run.data}, seed ${run.seed}, ${run.state}: epoch ${run.epoch} of ` +
    `${run.epochs || '?'}` + (last ? `, training loss ${last.train_loss.toPrecision(3)}, validation accuracy ` +
    `${number(last.val_accuracy)}` : '') + (run.test_accuracy === null ? '' : `, test accuracy ${number(run.test_accuracy)}`);
  const epoch = `${run.id} ${run.epoch} ${run.updated}`;
  if (epoch === shownEpoch) return;
  shownEpoch = epoch;
  $('curves').hidden = !last;
  if (!last) return;
  $('curves').src = `/api/v1/curves?id=${encodeURIComponent(run.id)}&epoch=${run.epoch}`;
  $('curves').alt = `Loss and accuracy of ${run.id} over ${run.epoch} epochs; the last ones stand in the table below.`;
  const columns = ['train_loss', 'val_loss', 'train_accuracy', 'val_accuracy', 'learning_rate', 'seconds'];
  const rows = run.rows.slice(-10).reverse().map((r) => [r.epoch, ...columns.map((c) => (r[c] === null || r[c] === undefined ? '–'
    : r[c].toPrecision(4)))]);
  $('epochs').replaceChildren(table('The last ten epochs, the newest first', ['epoch', 'training loss', 'validation loss', 'training accuracy',
    'validation accuracy', 'learning rate', 'seconds'], rows));
}

function showStudies(studies) {
  const text = JSON.stringify(studies);
  if (text === shownStudies) return; // so that the focus stays
  shownStudies = text;
  $('studies').hidden = !studies.length;
  $('studies').querySelector('ul').replaceChildren(...studies.map((s) => {
    const text = `${s.title ? `${s.title}: ` : ''}${s.models.join(', ')}`;
    const name = s.id === '.' ? 'this directory' : s.id;
    const link = s.report ? element('a', { href: `/report?id=${encodeURIComponent(s.id)}` }, `Report of ${name}`) : `${name} (no report)`;
    return element('li', {}, link, text && ` – ${text}`);
  }));
}

// tell says which runs have begun, ended or stopped since the last look.
function tell(runs) {
  const news = [];
  for (const run of runs) {
    const was = states.get(run.id);
    if (states.size && was !== run.state) news.push(`${run.id} is ${run.state}.`);
  }
  states = new Map(runs.map((run) => [run.id, run.state]));
  if (news.length) $('announce').textContent = news.join(' ');
}

await look();
setInterval(() => { if ($('live').checked && !document.hidden) look(); }, every);
