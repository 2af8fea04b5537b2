/** The soak's figures as one HTML page, its curves as inline SVG. */
const WIDTH = 1000;
const HEIGHT = 220;

const CURVES = [
  ['memoryMb', 'Anonymous memory, MB'],
  ['descriptors', 'Open descriptors'],
  ['loopMs', 'Event-loop delay, 99 %, ms'],
];

export function page(samples, events, figures) {
  const seconds = Math.max(1, samples.at(-1)?.second ?? 1);
  const curves = CURVES.map(([field, title]) => curve(samples, events, seconds, field, title));
  return `<!doctype html>
<meta charset="utf-8">
<title>millrace soak</title>
<style>body{font:14px sans-serif;margin:2em}svg{background:#f6f6f6;display:block}</style>
<h1>millrace soak</h1>
<pre>${JSON.stringify(figures, null, 2)}</pre>
<p>Vertical lines: red kill -9, blue SIGSTOP, green dropped consumers, orange connections reset by the
network, violet a network that stands still, grey nobody writes.</p>
${curves.join('\n')}
`;
}

const COLOURS = {
  kill: '#c33',
  stop: '#36c',
  drop: '#393',
  cut: '#c80',
  stall: '#939',
  quiet: '#bbb',
};

function curve(samples, events, seconds, field, title) {
  const top = Math.max(1, ...samples.map((each) => each[field]));
  const x = (second) => ((second / seconds) * WIDTH).toFixed(1);
  const points = samples.map(
    (each) => `${x(each.second)},${(HEIGHT - (each[field] / top) * (HEIGHT - 10)).toFixed(1)}`,
  );
  const marks = events.map(({ second, kind }) => {
    const at = x(second);
    return `<path d="M${at} 0V${HEIGHT}" stroke="${COLOURS[kind]}" stroke-width="0.5"/>`;
  });
  return `<h2>${title} (up to ${top.toFixed(1)})</h2>
<svg width="${WIDTH}" height="${HEIGHT}">${marks.join('')}
<polyline points="${points.join(' ')}" fill="none" stroke="#222"/></svg>`;
}
