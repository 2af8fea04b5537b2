/**
 * What the build does after tsc. Run by `npm run build`.
 *
 * First it joins what tsc made into a few files below dist/bundle: node loads one large module much
 * faster than hundreds of small ones, and a broker that starts in a test should not take longer than
 * the test. What other packages give goes with them. Then it lays out the page of the gateway in dist/gateway/page: its own files, the client
 * as a browser loads it, and uPlot.
 */
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import { browserClient } from './browser-client.mjs';
import { bundleDependencies, piscinaIsCarried } from './bundle-dependencies.mjs';
import { copyPublicTypes } from './public-types.mjs';

const ENTRIES = [
  'index',
  'cli/main',
  'worker/worker-main',
  'broker/helper-task',
  'protocol/index',
  'client/index',
  'client/kafkajs/index',
  'client/opentelemetry/index',
  'client/pack-task',
  'streams/index',
  'streams/thread-main',
  'streams/lmdb-stores',
  'streams/lmdb-check-main',
  'streams/testing/index',
];
const PAGE_SOURCE = 'src/gateway/page';
const PAGE = 'dist/gateway/page';
/** Of an application of streams: its files alone, since it shares what draws. */
const STREAMS_PAGE_SOURCE = 'src/streams/page';
const STREAMS_PAGE = 'dist/streams/page';
const PLOT_FILES = ['uPlot.iife.min.js', 'uPlot.min.css'];

async function bundleBroker() {
  const bundle = await rolldown({
    input: Object.fromEntries(ENTRIES.map((name) => [name, `dist/${name}.js`])),
    platform: 'node',
    external: [/^node:/, 'uWebSockets.js'],
    plugins: [piscinaIsCarried],
  });
  await bundle.write({
    dir: 'dist/bundle',
    format: 'esm',
    // As deep as the rooms are, since files find each other by their place: see base/load-addon.ts.
    chunkFileNames: 'chunks/[name].js',
    minify: false,
  });
}

/**
 * The thread that talks to Kafka's controllers. It shares no file with the broker: a node that
 * decides alone would load more and smaller files for its sake.
 */
async function bundleChannel() {
  const bundle = await rolldown({
    input: { 'channel-main': 'dist/cluster/channel-main.js' },
    platform: 'node',
    external: [/^node:/],
  });
  const names = { format: 'esm', chunkFileNames: 'chunks/channel-[name].js' };
  await bundle.write({ ...names, dir: 'dist/bundle', minify: false });
}

/**
 * The client for browsers, as `millrace/websocket` and, made small, as the page's `client.js`.
 * Beside it stands a file for each codec that is loaded only when met.
 */
async function bundleWebSocketClient() {
  const input = { client: 'dist/websocket/index.js' };
  const bundle = await rolldown({ input, platform: 'browser' });
  const names = { format: 'esm', chunkFileNames: 'client-[name].js' };
  await bundle.write({ ...names, dir: 'dist/bundle/websocket', minify: false });
  await bundle.write({ ...names, dir: PAGE, minify: true });
}

/** `millrace/client` for browsers: one file without anything of Node. */
async function bundleBrowserClient() {
  const bundle = await rolldown(browserClient('dist/client/browser.js'));
  await bundle.write({ file: 'dist/bundle/browser/client.js', format: 'esm', minify: false });
}

function copyFiles(from, to) {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== 'README.md') copyFileSync(join(from, name), join(to, name));
  }
}

function copyPage() {
  for (const name of readdirSync(PAGE_SOURCE))
    copyFileSync(join(PAGE_SOURCE, name), join(PAGE, name));
  const plot = dirname(createRequire(import.meta.url).resolve('uplot'));
  for (const name of PLOT_FILES) copyFileSync(join(plot, name), join(PAGE, name));
}

await bundleDependencies();
await bundleBroker();
await bundleChannel();
copyPublicTypes();
rmSync(PAGE, { recursive: true, force: true });
mkdirSync(PAGE, { recursive: true });
await bundleWebSocketClient();
await bundleBrowserClient();
copyPage();
copyFiles(STREAMS_PAGE_SOURCE, STREAMS_PAGE);
