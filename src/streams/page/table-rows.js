import { wholeNumber } from './figures.js';

/** Rows of a table, kept for as long as there is something under their name. */
export class TableRows {
  #body;
  #rows = new Map();

  constructor(id) {
    this.#body = document.getElementById(id);
  }

  /** `rows`: name and cells of each. A cell is a number, a text, or `{ text, className, node }`. */
  show(rows) {
    const names = new Set(rows.map(([name]) => name));
    for (const [name, row] of this.#rows) {
      if (names.has(name)) continue;
      row.remove();
      this.#rows.delete(name);
    }
    let next = this.#body.firstElementChild;
    for (const [name, cells] of rows) {
      const row = this.#rowOf(name, cells.length);
      for (const [at, cell] of cells.entries()) fill(row.cells[at], cell);
      if (row === next) next = next.nextElementSibling;
      else this.#body.insertBefore(row, next);
    }
  }

  #rowOf(name, cells) {
    let row = this.#rows.get(name);
    if (row !== undefined) return row;
    row = document.createElement('tr');
    for (let at = 0; at < cells; at++) row.append(document.createElement('td'));
    this.#rows.set(name, row);
    return row;
  }
}

function fill(element, cell) {
  const {
    text = '',
    className = '',
    node,
  } = typeof cell === 'number'
    ? { text: wholeNumber(cell), className: 'number' }
    : typeof cell === 'string'
      ? { text: cell }
      : (cell ?? { text: '–', className: 'number' });
  if (element.className !== className) element.className = className;
  if (node !== undefined) element.replaceChildren(node);
  else if (element.textContent !== text) element.textContent = text;
}
