import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';

const BYTES_MAX = 12 * 1024;

describe('the client as a browser loads it', () => {
  it('is small, and leaves the codecs to be loaded when they are met', async () => {
    const input = new URL('../../src/websocket/index.ts', import.meta.url).pathname;
    const bundle = await rolldown({ input, platform: 'browser' });
    const { output } = await bundle.generate({ format: 'esm', minify: true });
    await bundle.close();
    const chunks = output.filter((each) => each.type === 'chunk');
    const entry = chunks.find(({ isEntry }) => isEntry)!;
    expect(entry.imports).toEqual([]);
    expect(gzipSync(entry.code).length).toBeLessThan(BYTES_MAX);
    const later = chunks.filter(({ isDynamicEntry }) => isDynamicEntry).map(({ name }) => name);
    expect(later.sort()).toEqual(['lz4-decoder', 'snappy-decoder', 'zstd-decoder']);
    expect(chunks.every(({ code }) => !/\bBuffer\b|node:/.test(code))).toBe(true);
  });

  it('is what the package exports', async () => {
    const { connect, GatewayError } = await import('millrace/websocket');
    expect(connect).toBeTypeOf('function');
    expect(new GatewayError('a', 'b', true)).toMatchObject({ code: 'a', retry: true });
  });
});
