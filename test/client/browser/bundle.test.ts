import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');
const PROGRAM = `
  import { Producer, Consumer, Admin, ShareConsumer, topic, text } from 'millrace/client';
  globalThis.client = { Producer, Consumer, Admin, ShareConsumer, topic, text };
`;
const ENTRY = join(ROOT, 'program.js');
/** Of Node's, where it stands for itself: `.process` is a property of our own. */
const FOREIGN =
  /(?<![.#\w$])(Buffer|process|setImmediate|clearImmediate|global)[.(]|node:|\bFunction\(|\beval\(|[rR]equire\(['"`]/g;
const GZIP_BYTES_MAX = 125 * 1024;

/** As a bundler makes it of a program for browsers that knows nothing of this package. */
async function bundled(): Promise<{ code: string; imports: string[]; warnings: string[] }> {
  const warnings: string[] = [];
  const bundle = await rolldown({
    input: ENTRY,
    platform: 'browser',
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === ENTRY ? id : null),
        load: (id) => (id === ENTRY ? PROGRAM : null),
      },
    ],
    onLog: (_level, { message }) => warnings.push(message),
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  expect(output).toHaveLength(1);
  const [{ code, imports }] = output;
  return { code, imports, warnings };
}

describe('the client in a bundle for browsers', () => {
  it('needs nothing of Node and no stand-ins for it, and is of a bounded size', async () => {
    const { code, imports, warnings } = await bundled();
    expect({ imports, warnings }).toEqual({ imports: [], warnings: [] });
    expect(code.match(FOREIGN)).toBeNull();
    const size = gzipSync(code).length;
    expect(size).toBeLessThan(GZIP_BYTES_MAX);
  });

  it('has all exports of the one for Node but streams of Node', async () => {
    const node = await import('millrace/client');
    const browser = await import(join(ROOT, 'dist/bundle/browser/client.js'));
    const missing = Object.keys(node).filter((name) => !(name in browser));
    expect(missing.sort()).toEqual(['toNodeReadable', 'toNodeWritable']);
  });

  it('is of sources that use no more of Node than the build has twins for', () => {
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const config = join(import.meta.dirname, 'tsconfig.json');
    expect(() => execFileSync(process.execPath, [compiler, '-p', config])).not.toThrow();
  });
});
