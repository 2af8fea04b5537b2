/* global uPlot */

/** Draws the plots of each section, again when it is resized or light turns to dark. */
const HEIGHT_PX = 220;
const DASHES = { solid: [], dashed: [8, 5], dotted: [2, 4] };
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function numberText(value) {
  if (value === null || value === undefined) return '–';
  return value >= 1000 ? whole.format(value) : fine.format(value);
}

/** 1 is 0 %, 10 is 90 %, 100 is 99 %. */
function percentileText(position) {
  const percent = 100 - 100 / position;
  return `${Number(percent.toFixed(Math.max(0, Math.round(Math.log10(position)) - 1)))}%`;
}

function lineOf({ label, color: number, dash }) {
  return {
    label,
    stroke: color(number < 0 ? '--quiet' : `--plot-${number % 4}`),
    width: number < 0 ? 1 : 2,
    dash: DASHES[dash],
    points: { show: false },
    value: (_, value) => numberText(value),
  };
}

function scaleOf(axis) {
  return axis === 'seconds' ? { time: false } : { time: false, distr: 3, log: 10 };
}

/** The whole nines, since between them a label says little. */
function splitsOf(plot) {
  const last = plot.at.at(-1) ?? 1;
  return Array.from({ length: Math.floor(Math.log10(last) + 0.01) + 1 }, (_, i) => 10 ** i);
}

function axesOf(plot) {
  const look = {
    stroke: color('--quiet'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui',
  };
  const across =
    plot.axis === 'seconds'
      ? { values: (_, all) => all.map((at) => `${fine.format(at)} s`) }
      : { splits: () => splitsOf(plot), values: (_, all) => all.map(percentileText) };
  return [
    { ...look, size: 28, ...across },
    { ...look, size: 52, values: (_, all) => all.map((value) => short.format(value)) },
  ];
}

function optionsOf(plot, width) {
  const atText = plot.axis === 'seconds' ? (at) => `${fine.format(at)} s` : percentileText;
  return {
    title: `${plot.title}, ${plot.unit}`,
    width,
    height: HEIGHT_PX,
    series: [
      {
        label: plot.axis === 'seconds' ? 'at' : 'percentile',
        value: (_, at) => (at === null || at === undefined ? '–' : atText(at)),
      },
      ...plot.lines.map(lineOf),
    ],
    axes: axesOf(plot),
    scales: { x: scaleOf(plot.axis), y: { range: (_, __, to) => [0, Math.max(0.1, to * 1.08)] } },
    cursor: { y: false },
    legend: { markers: { width: 2, dash: (_, i) => plot.lines[i - 1]?.dash ?? 'solid' } },
  };
}

function draw(plot, element) {
  element.replaceChildren();
  const data = [plot.at, ...plot.lines.map(({ values }) => values)];
  return new uPlot(optionsOf(plot, element.clientWidth), data, element);
}

const elements = [];
for (const [i, plots] of JSON.parse(document.getElementById('plots').textContent).entries()) {
  const holder = document.querySelectorAll('.plots')[i];
  for (const plot of plots) {
    const element = document.createElement('div');
    holder.append(element);
    elements.push({ element, plot });
  }
}
for (const each of elements) {
  each.drawn = draw(each.plot, each.element);
  new ResizeObserver(() => {
    const width = each.element.clientWidth;
    if (width !== each.drawn.width) each.drawn.setSize({ width, height: HEIGHT_PX });
  }).observe(each.element);
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const each of elements) {
    each.drawn.destroy();
    each.drawn = draw(each.plot, each.element);
  }
});
