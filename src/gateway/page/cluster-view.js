import { shortNumber, wholeNumber } from './figures.js';

const SECOND_MS = 1000;
const BROKER_HEADS = [
  'Broker',
  'Address',
  'Rack',
  'State',
  '#Leads',
  '#Replicas',
  '#Lag behind here',
  'Most in',
];
const PARTITION_HEADS = ['Partition', 'Leader', 'In sync', 'Replicas'];

/** The cluster that the broker is in: controllers, brokers, and partitions that lack replicas. */
export class ClusterView {
  #title = document.createElement('h2');
  #facts = document.createElement('span');
  #troubles = document.createElement('span');
  #brokers = new Table(BROKER_HEADS);
  #partitions = new Table(PARTITION_HEADS);

  constructor() {
    const bar = elementOf('div', 'bar');
    this.#facts.className = 'figures';
    this.#troubles.className = 'figures';
    bar.append(this.#title, this.#facts, this.#troubles);
    const sides = elementOf('div', 'sides');
    sides.append(this.#brokers.element, this.#partitions.element);
    const panel = document.getElementById('cluster');
    panel.append(bar, sides);
    panel.hidden = false;
  }

  update(state) {
    const troubles = troublesText(state);
    this.#title.textContent = `Cluster, as broker ${state.nodeId} sees it`;
    this.#facts.textContent = factsText(state);
    this.#troubles.textContent = troubles;
    this.#troubles.classList.toggle('bad', troubles !== '');
    this.#brokers.show(brokerRows(state));
    this.#partitions.show(partitionRows(state));
    this.#partitions.element.hidden = state.partitions.worst.length === 0;
  }
}

/** A table that scrolls. Heads of columns with numbers begin with #. */
class Table {
  element = elementOf('div', 'scroll');
  #body;
  #isNumber;

  constructor(heads) {
    const table = document.createElement('table');
    const row = table.createTHead().insertRow();
    this.#isNumber = heads.map((head) => head.startsWith('#'));
    for (const [i, head] of heads.entries()) {
      const cell = elementOf('th', this.#isNumber[i] ? 'number' : '');
      cell.textContent = head.replace('#', '');
      row.append(cell);
    }
    this.#body = table.createTBody();
    this.element.append(table);
  }

  show(rows) {
    const shown = rows.map(({ cells, isBad }) => {
      const row = elementOf('tr', isBad ? 'bad' : '');
      for (const [i, text] of cells.entries()) {
        const cell = row.insertCell();
        cell.textContent = text;
        if (this.#isNumber[i]) cell.className = 'number';
      }
      return row;
    });
    this.#body.replaceChildren(...shown);
  }
}

function elementOf(name, className) {
  const element = document.createElement(name);
  element.className = className;
  return element;
}

/** controller 1 of 1, 2, 3 leads in epoch 4, … */
export function factsText({ controllers, partitions, inSyncChanges }) {
  const { leaderId, epoch, voters, offset, ageMs } = controllers;
  const among = voters.length === 0 ? '' : ` of ${voters.join(', ')}`;
  const leader = leaderId < 0 ? 'no controller' : `controller ${leaderId}${among}`;
  const { expansions, shrinks, refusals } = inSyncChanges;
  const changes = `in-sync changes from here: ${expansions} expanded, ${shrinks} shrunk`;
  return [
    `${leader} leads in epoch ${epoch}`,
    `metadata at ${wholeNumber(offset)}, ${(ageMs / SECOND_MS).toFixed(1)} s old`,
    `${wholeNumber(partitions.count)} partitions`,
    refusals === 0 ? changes : `${changes}, ${refusals} refused`,
  ].join(' · ');
}

/** 2 under-replicated, 1 offline; empty where all is well. */
export function troublesText({ partitions, isFenced, lostLogDirs }) {
  const { underReplicated, underMinimum, offline } = partitions;
  const troubles = [];
  if (isFenced) troubles.push('this broker is fenced');
  if (offline > 0) troubles.push(`${wholeNumber(offline)} offline`);
  if (underMinimum > 0) troubles.push(`${wholeNumber(underMinimum)} under min.insync.replicas`);
  if (underReplicated > 0) troubles.push(`${wholeNumber(underReplicated)} under-replicated`);
  if (lostLogDirs.length > 0) troubles.push(`lost log directories: ${lostLogDirs.join(', ')}`);
  return troubles.join(' · ');
}

/** The brokers, and how far each is behind in what the shown one leads. */
export function brokerRows({ nodeId, brokers, followers }) {
  const lags = new Map(followers.map((follower) => [follower.id, follower]));
  return brokers.map(({ id, address, rack, state, leaders, replicas }) => {
    const { lag = null, worst = '' } = lags.get(id) ?? {};
    const name = id === nodeId ? `${id} (this)` : id;
    const behind = lag === null ? '' : shortNumber(lag);
    const counts = [wholeNumber(leaders), wholeNumber(replicas)];
    const cells = [name, address, rack ?? '', state, ...counts, behind, worst];
    return { cells, isBad: state === 'fenced' };
  });
}

function partitionRows({ partitions }) {
  return partitions.worst.map(({ partition, leader, inSync, replicas }) => {
    const cells = [partition, leader < 0 ? 'none' : leader, inSync.join(', '), replicas.join(', ')];
    return { cells, isBad: leader < 0 };
  });
}
