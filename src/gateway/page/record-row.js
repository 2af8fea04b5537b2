import { base64In, textIn } from './record-text.js';

const COLUMNS = 5;
const TIME = 2;
const KEY = 3;
const VALUE = 4;
/** The table clips longer texts. The tooltip has all of a text. */
const SHOWN_LENGTH = 400;

/** One row of the tail. It is reused for other records: only its texts change. */
export class RecordRow {
  element = document.createElement('tr');
  #texts = [];
  #record = null;
  #height = 0;

  constructor() {
    for (let column = 0; column < COLUMNS; column++) {
      const text = document.createTextNode('');
      const cell = this.element.insertCell();
      cell.append(text);
      if (column < TIME) cell.className = 'number';
      this.#texts.push(text);
    }
    this.element.addEventListener('mouseenter', () => this.#explain());
  }

  get height() {
    if (this.#height === 0) this.#height = this.element.offsetHeight;
    return this.#height;
  }

  show(record) {
    if (record === this.#record) return;
    const { partition, offset, note, time } = record;
    const wasNote = this.#record?.note !== undefined;
    this.#record = record;
    this.#put(0, partition);
    this.#put(1, offset);
    if (wasNote || note !== undefined) this.#spread(note !== undefined);
    if (note !== undefined) {
      this.#put(TIME, note);
      return;
    }
    this.#put(TIME, new Date(time).toISOString().slice(11, 23));
    this.#putBytes(KEY, record.key);
    this.#putBytes(VALUE, record.value);
  }

  #put(column, text) {
    this.#texts[column].nodeValue = text;
  }

  #putBytes(column, bytes) {
    const text = textIn(bytes);
    const shown = text ?? (bytes == null ? 'none' : base64In(bytes));
    this.#put(column, shown.slice(0, SHOWN_LENGTH));
    const isQuiet = text === null;
    const { classList } = this.element.cells[column];
    if (isQuiet !== classList.contains('none')) classList.toggle('none', isQuiet);
  }

  /** A note stands instead of time, key and value. */
  #spread(isNote) {
    const { element } = this;
    element.className = isNote ? 'gap' : '';
    element.cells[TIME].colSpan = isNote ? COLUMNS - TIME : 1;
    for (const column of [KEY, VALUE]) element.cells[column].hidden = isNote;
  }

  /** Makes the tooltips with whole texts and headers when the pointer comes. */
  #explain() {
    const record = this.#record;
    if (record === null || record.note !== undefined) return;
    const headers = (record.headers ?? []).map(([name, value]) => `${name}: ${value}`);
    for (const [column, bytes] of [
      [KEY, record.key],
      [VALUE, record.value],
    ]) {
      const text = bytes == null ? 'none' : (textIn(bytes) ?? base64In(bytes));
      this.element.cells[column].title = [text, ...headers].join('\n');
    }
  }
}
