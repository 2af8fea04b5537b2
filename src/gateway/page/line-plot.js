/* global uPlot */
import { shortNumber } from './figures.js';

const SPAN_SECONDS = 300;
/** The largest lines are shown. More of them could not be told apart. */
const LINES_MAX = 6;
const COLORS = ['#3b7ded', '#e8722c', '#2fa463', '#b05fd0', '#d6456f', '#1c9aa8'];
const LEGEND_PX = 28;
/** Steps of the time axis, in seconds. */
const MINUTES = [60, 120, 300];

/** Figures of the last minutes, one line each. */
export class LinePlot {
  #element;
  #plot = null;
  #names = [];
  #times = [];
  /** Values by name, one for each entry of `#times`. */
  #series = new Map();

  constructor(id) {
    this.#element = document.getElementById(id);
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#element);
  }

  /** `figures`: a Map of name to value. */
  add(seconds, figures) {
    this.#times.push(seconds);
    const count = this.#times.length;
    for (const name of figures.keys()) {
      if (!this.#series.has(name)) this.#series.set(name, new Array(count - 1).fill(null));
    }
    for (const [name, values] of this.#series) values.push(figures.get(name) ?? null);
    while (this.#times[0] < seconds - SPAN_SECONDS) {
      this.#times.shift();
      for (const values of this.#series.values()) values.shift();
    }
    this.#draw();
  }

  #draw() {
    const names = this.#largest();
    const data = [this.#times, ...names.map((name) => this.#series.get(name))];
    if (this.#plot !== null && names.join('\n') === this.#names.join('\n')) {
      this.#plot.setData(data);
      return;
    }
    this.#names = names;
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#options(names), data, this.#element);
  }

  #largest() {
    const peaks = [...this.#series].map(([name, values]) => [name, Math.max(...values)]);
    peaks.sort(([, a], [, b]) => b - a);
    const names = peaks.slice(0, LINES_MAX).map(([name]) => name);
    return names.sort();
  }

  #size() {
    const { clientWidth, clientHeight } = this.#element;
    return { width: clientWidth, height: Math.max(80, clientHeight - LEGEND_PX) };
  }

  #options(names) {
    const style = getComputedStyle(document.documentElement);
    const axis = {
      stroke: style.getPropertyValue('--quiet'),
      grid: { stroke: style.getPropertyValue('--line'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui',
    };
    const lines = names.map((label, i) => ({
      label,
      stroke: COLORS[i % COLORS.length],
      width: 2,
      points: { show: false },
      value: (_, value) => (value === null ? '–' : shortNumber(value)),
    }));
    return {
      ...this.#size(),
      series: [{}, ...lines],
      axes: [
        { ...axis, size: 28, space: 80, incrs: MINUTES, values: (_, ticks) => ticks.map(clockOf) },
        { ...axis, size: 52, values: (_, ticks) => ticks.map(shortNumber) },
      ],
      scales: { x: { range: spanOf }, y: { range: fromZero } },
      legend: { live: false },
      cursor: { y: false },
    };
  }
}

function clockOf(seconds) {
  return new Date(seconds * 1000).toTimeString().slice(0, 5);
}

/** The span has a fixed width, so that lines do not stretch while the page is new. */
function spanOf(_, __, to) {
  return [to - SPAN_SECONDS, to];
}

function fromZero(_, __, to) {
  return [0, Math.max(1, (to ?? 0) * 1.1)];
}
