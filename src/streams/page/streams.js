/** The page of an application of millrace/streams: what its nodes and tasks do now. */
import { Access } from './access.js';
import { wholeNumber } from './figures.js';
import { Growing } from './growing.js';
import { LinePlot } from './line-plot.js';
import { TableRows } from './table-rows.js';

const EVERY_MS = 1000;

const access = new Access();
const rates = new LinePlot('rates');
const lags = new LinePlot('lags');
const nodeRows = new TableRows('nodes');
const taskRows = new TableRows('tasks');
const nodeRates = new Growing();
const taskRates = new Growing();

function show(figures, seconds) {
  const { applicationId, nodes, tasks, instances, state } = figures;
  document.title = `${applicationId} · millrace streams`;
  document.getElementById('application').textContent = applicationId;
  showState(state, state === 'RUNNING');
  const rateOf = new Map(
    nodes.map(({ subtopology, name, taken }) => {
      const id = `${subtopology}/${name}`;
      return [id, nodeRates.rate(id, taken, seconds)];
    }),
  );
  document.getElementById('no-nodes').hidden = nodes.length > 0;
  nodeRows.show(nodes.map((node) => nodeRow(node, rateOf)));
  taskRows.show(tasks.map((task) => taskRow(task, seconds)));
  if (nodes.length > 0) rates.add(seconds, byNode(nodes, rateOf));
  const sources = nodes.filter(({ lag }) => lag !== null);
  if (sources.length > 0) lags.add(seconds, new Map(sources.map(({ name, lag }) => [name, lag])));
  showSums(nodes, tasks, rateOf);
  showInstances(instances);
}

/** Of sources and sinks: those between them have the same lines. */
function byNode(nodes, rateOf) {
  const ends = nodes.filter(({ kind }) => kind !== 'processor');
  return new Map(ends.map(({ subtopology, name }) => [name, rateOf.get(`${subtopology}/${name}`)]));
}

function nodeRow({ subtopology, name, taken, lag, late, dropped }, rateOf) {
  const id = `${subtopology}/${name}`;
  const node = { text: name, className: 'node' };
  return [id, [Number(subtopology), node, rateOf.get(id), taken, lag, some(late), some(dropped)]];
}

function taskRow(task, seconds) {
  const { name, state, processed, lag, buffered, late, dropped, rows } = task;
  const rate = taskRates.rate(name, processed, seconds);
  const label = { text: state, className: state };
  const progress = { node: restoration(task) };
  const counts = [rate, processed, lag, buffered, some(late), some(dropped), rows];
  return [name, [name, label, progress, ...counts]];
}

/** What is restored of what there is to restore. */
function restoration({ restored, remaining }) {
  const shown = document.createElement('span');
  if (remaining === 0) {
    shown.textContent = restored === 0 ? '–' : `${wholeNumber(restored)} rows`;
    return shown;
  }
  const bar = document.createElement('progress');
  bar.max = restored + remaining;
  bar.value = restored;
  shown.append(bar, ` ${wholeNumber(remaining)} to go`);
  return shown;
}

function some(count) {
  return { text: wholeNumber(count), className: count > 0 ? 'number some' : 'number' };
}

function showSums(nodes, tasks, rateOf) {
  const sources = nodes.filter(({ kind }) => kind === 'source');
  const rate = sources.reduce((sum, { subtopology, name }) => {
    return sum + rateOf.get(`${subtopology}/${name}`);
  }, 0);
  const restoring = tasks.filter(({ state }) => state === 'restoring').length;
  const more = restoring === 0 ? '' : ` · ${restoring} being restored`;
  document.getElementById('figures').textContent =
    `${wholeNumber(rate)} records/s · ${tasks.length} tasks${more}`;
}

/** The other instances that have a page of their own, as far as the group says. */
function showInstances(instances) {
  const others = instances.filter(({ isThis, host }) => !isThis && host !== null);
  const links = others.map(({ host }) => {
    const link = document.createElement('a');
    link.href = `http://${host}/`;
    link.textContent = host;
    return link;
  });
  document.getElementById('instances').replaceChildren(...links);
}

function showState(text, isGood) {
  const shown = document.getElementById('state');
  shown.textContent = text;
  shown.className = `state ${isGood ? 'open' : 'lost'}`;
}

for (;;) {
  try {
    show(await access.get('/streams/figures'), Date.now() / 1000);
  } catch (error) {
    console.warn(error);
    showState('no answer', false);
  }
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
}
