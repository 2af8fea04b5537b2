/** Flame graphs as one HTML file that needs nothing else: a click widens a call, its root all. */
import type { Call } from './call-tree.ts';

export interface Flame {
  /** Which process and thread. */
  readonly title: string;
  readonly root: Call;
}

const ROW_PX = 18;
/** Of the whole; narrower calls are not drawn. */
const LEAST_SHARE = 0.0005;
const HUES = [12, 24, 36, 48, 200, 215];

const STYLE = `
body { font: 14px system-ui, sans-serif; margin: 1.5rem; background: #fff; color: #222; }
h2 { margin: 1.5rem 0 .25rem; font-size: 1rem; }
.flame { position: relative; overflow: hidden; border: 1px solid #ddd; }
.flame div { position: absolute; height: ${ROW_PX - 1}px; overflow: hidden; white-space: nowrap;
  font: 11px/${ROW_PX - 1}px ui-monospace, monospace; padding-left: 2px; box-sizing: border-box;
  cursor: pointer; border-right: 1px solid #fff; }
.flame div:hover { outline: 1px solid #000; }
code { background: #f3f3f3; padding: .1rem .3rem; }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd; }
  .flame { border-color: #444; } .flame div { color: #111; } code { background: #333; } }
`;

const SCRIPT = `
for (const flame of document.querySelectorAll('.flame')) {
  const all = [...flame.children];
  flame.addEventListener('click', ({ target }) => {
    if (!all.includes(target)) return;
    const left = Number(target.dataset.x), width = Number(target.dataset.w);
    for (const each of all) {
      const x = (Number(each.dataset.x) - left) / width, w = Number(each.dataset.w) / width;
      each.style.left = Math.max(0, x) * 100 + '%';
      each.style.width = Math.max(0, Math.min(1, x + w) - Math.max(0, x)) * 100 + '%';
      each.hidden = x >= 1 || x + w <= 0;
    }
  });
}
`;

export function flamePage(title: string, source: string, flames: readonly Flame[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>${escaped(source)}. The time of a thread on its processor, by who called whom; idle time is left out.
A click widens a call.</p>
${flames.map(flameGraph).join('\n')}
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function flameGraph({ title, root }: Flame): string {
  const boxes: string[] = [];
  let depths = 0;
  const draw = (call: Call, depth: number, from: number): void => {
    const width = root.us === 0 ? 1 : call.us / root.us;
    if (width < LEAST_SHARE) return;
    depths = Math.max(depths, depth + 1);
    boxes.push(box(call, depth, from, width));
    let at = from;
    for (const each of call.calls) {
      draw(each, depth + 1, at);
      at += root.us === 0 ? 0 : each.us / root.us;
    }
  };
  draw(root, 0, 0);
  const seconds = (root.us / 1e6).toFixed(2);
  return `<h2>${escaped(title)}: ${seconds} s</h2>
<div class="flame" style="height:${depths * ROW_PX}px">${boxes.join('')}</div>`;
}

function box({ name, us }: Call, depth: number, from: number, width: number): string {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) >>> 0;
  const hue = HUES[hash % HUES.length]!;
  const tip = `${name}: ${(us / 1000).toFixed(1)} ms, ${(100 * width).toFixed(1)} %`;
  const place = `left:${percent(from)};width:${percent(width)};top:${depth * ROW_PX}px`;
  const color = `background:hsl(${hue} 80% ${70 + (hash % 12)}%)`;
  const data = `data-x="${from.toFixed(6)}" data-w="${width.toFixed(6)}"`;
  return `<div ${data} title="${escaped(tip)}" style="${place};${color}">${escaped(name)}</div>`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)}%`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
