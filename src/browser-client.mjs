/** How the client is bundled for browsers: rolldown's options for this entry. */
import { fileURLToPath } from 'node:url';

/** What the sources use of Node's global names, and the files that stand in for them. */
const TWINS = {
  Buffer: ['browser-buffer', 'BrowserBuffer'],
  setImmediate: ['set-immediate', 'setImmediate'],
  'process.nextTick': ['next-tick', 'nextTick'],
  'process.emitWarning': ['emit-warning', 'emitWarning'],
};

export function browserClient(entry) {
  const inject = Object.entries(TWINS).map(([name, [file, exported]]) => {
    const path = new URL(`../dist/base/browser/${file}.js`, import.meta.url);
    return [name, [fileURLToPath(path), exported]];
  });
  return { input: entry, platform: 'browser', transform: { inject: Object.fromEntries(inject) } };
}
