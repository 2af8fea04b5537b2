/**
 * Joins what tsc made into a few files below dist/bundle: node loads one large module much faster
 * than hundreds of small ones, and a broker that starts in a test should not take longer than the
 * test. Run by `npm run build`.
 */
import { rolldown } from 'rolldown';

const ENTRIES = ['index', 'cli/main', 'worker/worker-main', 'broker/helper-task', 'protocol/index'];

const bundle = await rolldown({
  input: Object.fromEntries(ENTRIES.map((name) => [name, `dist/${name}.js`])),
  platform: 'node',
  external: [/^node:/, 'piscina', 'uWebSockets.js', 'hdr-histogram-js'],
});
await bundle.write({
  dir: 'dist/bundle',
  format: 'esm',
  // As deep as the rooms are, since files find each other by their place: see log/native.ts.
  chunkFileNames: 'chunks/[name].js',
  minify: false,
});
