import { wholeNumber } from './figures.js';

/** Weight of a new rate in the shown one, which would jump otherwise. */
const NEW_SHARE = 0.5;

/** The table of topics and their rates. */
export class TopicsView {
  #body = document.getElementById('topics');
  #empty = document.getElementById('no-topics');
  #rows = new Map();
  #chosen = '';
  #onChoose;

  constructor(onChoose) {
    this.#onChoose = onChoose;
  }

  choose(topic) {
    this.#chosen = topic;
    for (const [name, { row }] of this.#rows) row.classList.toggle('chosen', name === topic);
  }

  update(topics, seconds) {
    const present = new Set();
    for (const { topic, topicId, internal, partitions } of topics) {
      if (internal) continue;
      present.add(topic);
      const known = this.#rows.get(topic) ?? this.#add(topic);
      const isSame = known.topicId === topicId;
      let records = 0;
      let appended = 0;
      const ends = partitions.map(({ start, end }, i) => {
        const before = isSame ? (known.ends[i] ?? 0) : end;
        records += end - start;
        // The end of a partition that was never opened is -1: not known.
        if (before >= 0) appended += Math.max(0, end - before);
        return end;
      });
      if (isSame) {
        const rate = appended / (seconds - known.seconds);
        known.rate += (rate - known.rate) * NEW_SHARE;
        if (known.rate < 0.05) known.rate = 0;
      }
      Object.assign(known, { topicId, ends, seconds });
      known.cells[1].textContent = partitions.length;
      known.cells[2].textContent = wholeNumber(records);
      known.cells[3].textContent = wholeNumber(known.rate);
    }
    for (const [topic, { row }] of this.#rows) {
      if (present.has(topic)) continue;
      row.remove();
      this.#rows.delete(topic);
    }
    this.#empty.hidden = present.size > 0;
  }

  #add(topic) {
    const row = document.createElement('tr');
    const cells = [0, 1, 2, 3].map((column) => {
      const cell = row.insertCell();
      if (column > 0) cell.className = 'number';
      return cell;
    });
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = topic;
    cells[0].append(button);
    row.addEventListener('click', () => this.#onChoose(topic));
    row.classList.toggle('chosen', topic === this.#chosen);
    const known = { row, cells, topicId: '', ends: [], seconds: 0, rate: 0 };
    this.#rows.set(topic, known);
    const after = [...this.#rows.keys()].filter((name) => name > topic).sort()[0];
    this.#body.insertBefore(row, after === undefined ? null : this.#rows.get(after).row);
    return known;
  }

  /** The rate of each topic by name. */
  rates() {
    return new Map([...this.#rows].map(([topic, { rate }]) => [topic, rate]));
  }

  totalRate() {
    let total = 0;
    for (const { rate } of this.#rows.values()) total += rate;
    return wholeNumber(total);
  }
}
