import { wholeNumber } from './figures.js';
import { RecordRow } from './record-row.js';
import { textIn } from './record-text.js';
import { startOf } from './tail-start.js';

/** Rows on the page. Older records can be read from the topic again. */
const ROWS_MAX = 150;
/** Records kept in memory, so that a filter typed later finds those that have just passed. */
const RECENT_MAX = 2000;
/** The table is drawn at most so often: nobody reads faster. */
const DRAW_MS = 200;
/**
 * At so many records a second only the visible rows are drawn. The others are replaced before
 * anybody scrolls to them.
 */
const FAST_PER_SECOND = 1000;
/** A page that is so many records behind jumps to the end and says so. */
const POLICY = { when: 'latest', behind: 500_000 };

/** Shows the newest records of a topic as they come. */
export class TailView {
  #client;
  #subscription = null;
  #topic = '';
  #rows = [];
  #recent = [];
  #needle = '';
  #paused = null;
  #resume = null;
  #seen = 0;
  #shown = 0;
  #rate = { count: 0, sinceMs: performance.now(), perSecond: 0 };
  #isStale = false;
  #body = document.getElementById('records');
  /** Rows are made once and reused. */
  #drawn = [];
  #drawnCount = 0;
  #pause = document.getElementById('tail-pause');
  #from = document.getElementById('tail-from');

  constructor(client) {
    this.#client = client;
    this.#pause.addEventListener('click', () => this.#togglePause());
    this.#from.addEventListener('change', () => this.#restart());
    document.getElementById('tail-clear').addEventListener('click', () => this.#clear());
    document.getElementById('tail-filter').addEventListener('input', (event) => {
      this.#needle = event.target.value.toLowerCase();
      this.#sift();
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
      from: startOf(this.#from.value),
      policy: POLICY,
      // Bytes are decoded to text only when they are shown or searched.
      keys: 'bytes',
      values: 'bytes',
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
        // While paused no records are taken and no credit is given, so the broker reads none.
        if (this.#paused !== null) await this.#paused;
      }
    } catch (error) {
      if (subscription === this.#subscription) this.#note(error.message);
    }
  }

  #add(records) {
    this.#seen += records.length;
    this.#rate.count += records.length;
    this.#keep(records.slice(-RECENT_MAX));
    const start = this.#needle === '' ? Math.max(0, records.length - ROWS_MAX) : 0;
    if (this.#needle === '') this.#shown += start;
    for (let i = start; i < records.length; i++) {
      if (this.#fits(records[i])) this.#push(records[i]);
    }
  }

  #keep(rows) {
    const recent = this.#recent;
    for (const row of rows) recent.push(row);
    if (recent.length >= RECENT_MAX * 2) this.#recent = recent.slice(-RECENT_MAX);
  }

  /** Applies a new filter to the records that are kept. */
  #sift() {
    const recent = this.#recent.slice(-RECENT_MAX);
    const fitting = recent.filter((row) => row.note !== undefined || this.#fits(row));
    this.#rows = fitting.slice(-ROWS_MAX);
    this.#seen = recent.length;
    this.#shown = fitting.length;
    this.#isStale = true;
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
    return has(textIn(value)) || has(textIn(key)) || (headers?.flat().some(has) ?? false);
  }

  #addGap({ partition, from, to, reason }) {
    const extent = to < 0 ? `from ${from}` : `${from} to ${to}`;
    this.#tell({ partition, offset: from, note: `not shown: ${extent} (${reason})` });
  }

  #note(note) {
    this.#tell({ partition: '', offset: '', note });
  }

  #tell(row) {
    this.#keep([row]);
    this.#push(row);
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
    this.#isStale = true;
  }

  #clear() {
    this.#rows = [];
    this.#recent = [];
    this.#seen = 0;
    this.#shown = 0;
    this.#isStale = true;
  }

  #draw() {
    this.#drawFigures();
    if (!this.#isStale || document.hidden) return;
    this.#isStale = false;
    const rows = this.#rows;
    const count = Math.min(rows.length, this.#rowsToDraw());
    for (let i = 0; i < count; i++) {
      this.#drawn[i] ??= new RecordRow();
      this.#drawn[i].show(rows[rows.length - 1 - i]);
    }
    this.#place(count);
    const empty = document.getElementById('no-records');
    empty.hidden = count > 0;
    empty.textContent = this.#topic === '' ? empty.textContent : 'No record yet.';
  }

  /** The number of rows to draw: all, or only the visible ones while records pass fast. */
  #rowsToDraw() {
    const scroller = this.#body.closest('.scroll');
    const first = this.#drawn[0]?.height ?? 0;
    const isFast = this.#rate.perSecond >= FAST_PER_SECOND && this.#paused === null;
    if (!isFast || first === 0 || scroller.scrollTop > 0) return ROWS_MAX;
    return Math.ceil(scroller.clientHeight / first);
  }

  #place(count) {
    for (; this.#drawnCount < count; this.#drawnCount++) {
      this.#body.append(this.#drawn[this.#drawnCount].element);
    }
    while (this.#drawnCount > count) this.#drawn[--this.#drawnCount].element.remove();
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
