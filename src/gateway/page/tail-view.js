import { wholeNumber } from './figures.js';

/** Rows on the page; what came before them can be read from the topic again. */
const ROWS_MAX = 150;
/** Shown at most so often: nobody reads faster, and the broker's records have the time. */
const DRAW_MS = 200;
/** A page that is so far behind goes to the end, with a line that says so. */
const POLICY = { when: 'latest', behind: 500_000 };

/** The newest records of a topic as they come. */
export class TailView {
  #client;
  #subscription = null;
  #topic = '';
  #rows = [];
  #needle = '';
  #paused = null;
  #resume = null;
  #seen = 0;
  #shown = 0;
  #rate = { count: 0, sinceMs: performance.now(), perSecond: 0 };
  #isStale = false;
  #body = document.getElementById('records');
  #pause = document.getElementById('tail-pause');
  #from = document.getElementById('tail-from');

  constructor(client) {
    this.#client = client;
    this.#pause.addEventListener('click', () => this.#togglePause());
    this.#from.addEventListener('change', () => this.#restart());
    document.getElementById('tail-clear').addEventListener('click', () => this.#clear());
    document.getElementById('tail-filter').addEventListener('input', (event) => {
      this.#needle = event.target.value.toLowerCase();
      this.#clear();
    });
    setInterval(() => this.#draw(), DRAW_MS);
  }

  follow(topic) {
    this.#topic = topic;
    document.getElementById('tail-topic').textContent = topic;
    this.#restart();
  }

  #restart() {
    if (this.#topic === '') return;
    this.#subscription?.close();
    if (this.#paused !== null) this.#togglePause();
    this.#clear();
    this.#pause.disabled = false;
    const subscription = this.#client.subscribe(this.#topic, {
      from: this.#from.value,
      policy: POLICY,
      onGap: (gap) => this.#addGap(gap),
    });
    this.#subscription = subscription;
    this.#read(subscription);
  }

  async #read(subscription) {
    try {
      for await (const { records } of subscription.batches()) {
        if (subscription !== this.#subscription) return;
        this.#add(records);
        // Records that are not taken give no credit: the broker reads none of those that wait.
        if (this.#paused !== null) await this.#paused;
      }
    } catch (error) {
      if (subscription === this.#subscription) this.#note(error.message);
    }
  }

  #add(records) {
    this.#seen += records.length;
    this.#rate.count += records.length;
    const start = this.#needle === '' ? Math.max(0, records.length - ROWS_MAX) : 0;
    if (this.#needle === '') this.#shown += start;
    for (let i = start; i < records.length; i++) {
      if (this.#fits(records[i])) this.#push(records[i]);
    }
  }

  #push(row) {
    this.#shown++;
    this.#rows.push(row);
    if (this.#rows.length >= ROWS_MAX * 2) this.#rows = this.#rows.slice(-ROWS_MAX);
    this.#isStale = true;
  }

  #fits({ key, value, headers }) {
    const needle = this.#needle;
    if (needle === '') return true;
    const has = (text) => typeof text === 'string' && text.toLowerCase().includes(needle);
    return has(value) || has(key) || (headers?.flat().some(has) ?? false);
  }

  #addGap({ partition, from, to, reason }) {
    const extent = to < 0 ? `from ${from}` : `${from} to ${to}`;
    this.#push({ partition, offset: from, note: `not shown: ${extent} (${reason})` });
  }

  #note(note) {
    this.#push({ partition: '', offset: '', note });
  }

  #togglePause() {
    if (this.#paused === null) {
      this.#paused = new Promise((resolve) => {
        this.#resume = resolve;
      });
    } else {
      this.#paused = null;
      this.#resume();
    }
    this.#pause.textContent = this.#paused === null ? 'Pause' : 'Go on';
  }

  #clear() {
    this.#rows = [];
    this.#seen = 0;
    this.#shown = 0;
    this.#isStale = true;
  }

  #draw() {
    this.#drawFigures();
    if (!this.#isStale || document.hidden) return;
    this.#isStale = false;
    const rows = this.#rows.slice(-ROWS_MAX).reverse().map(rowOf);
    this.#body.replaceChildren(...rows);
    const empty = document.getElementById('no-records');
    empty.hidden = rows.length > 0;
    empty.textContent = this.#topic === '' ? empty.textContent : 'No record yet.';
  }

  #drawFigures() {
    const nowMs = performance.now();
    const rate = this.#rate;
    if (nowMs - rate.sinceMs >= 1000) {
      rate.perSecond = (rate.count * 1000) / (nowMs - rate.sinceMs);
      rate.sinceMs = nowMs;
      rate.count = 0;
    }
    const fitting = this.#needle === '' ? '' : `${wholeNumber(this.#shown)} fit of `;
    const text = `${fitting}${wholeNumber(this.#seen)} · ${wholeNumber(rate.perSecond)}/s`;
    document.getElementById('tail-figures').textContent = this.#topic === '' ? '' : text;
  }
}

function rowOf(record) {
  const row = document.createElement('tr');
  row.insertCell().textContent = record.partition;
  row.insertCell().textContent = record.offset;
  row.cells[0].className = 'number';
  row.cells[1].className = 'number';
  if (record.note !== undefined) {
    row.className = 'gap';
    const cell = row.insertCell();
    cell.colSpan = 3;
    cell.textContent = record.note;
    return row;
  }
  row.insertCell().textContent = new Date(record.time).toISOString().slice(11, 23);
  put(row.insertCell(), record.key, record.key64, record.headers);
  put(row.insertCell(), record.value, record.value64, record.headers);
  return row;
}

/** The whole text, and the headers, are in the tooltip. */
function put(cell, text, base64, headers = []) {
  const isNone = text === null || (text === undefined && base64 === undefined);
  cell.textContent = isNone ? 'none' : (text ?? base64);
  if (isNone || text === undefined) cell.className = 'none';
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  cell.title = [cell.textContent, ...lines].join('\n');
}
