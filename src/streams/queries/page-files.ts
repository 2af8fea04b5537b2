import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";
/** The same relative paths hold from dist/streams/queries and, bundled, from dist/bundle/chunks. */
const OWN = new URL('../../streams/page/', import.meta.url);
/** The broker's page has what draws lines. */
const SHARED = new URL('../../gateway/page/', import.meta.url);
const SHARED_FILES = [
  'app.css',
  'figures.js',
  'icon.svg',
  'line-plot.js',
  'uPlot.iife.min.js',
  'uPlot.min.css',
];

/** The files of the page: `/` and `/page/NAME`. They are read once, at the first request. */
export class PageFiles {
  #files: Map<string, { readonly bytes: Buffer; readonly type: string }> | null = null;

  /** False where there is no such file. */
  serve(path: string, response: ServerResponse): boolean {
    this.#files ??= readFiles();
    const name = path === '/' ? 'index.html' : /^\/page\/([\w.-]+)$/.exec(path)?.[1];
    const file = name === undefined ? undefined : this.#files.get(name);
    if (file === undefined) return false;
    response.setHeader('content-type', file.type);
    response.setHeader('content-security-policy', POLICY);
    response.end(file.bytes);
    return true;
  }
}

function readFiles(): Map<string, { readonly bytes: Buffer; readonly type: string }> {
  const own = fileURLToPath(OWN);
  const shared = fileURLToPath(SHARED);
  const paths = [
    ...SHARED_FILES.map((name) => join(shared, name)),
    ...readdirSync(own).map((name) => join(own, name)),
  ];
  const files = new Map<string, { bytes: Buffer; type: string }>();
  for (const path of paths) {
    const type = CONTENT_TYPES[extname(path)];
    const name = path.split(/[\\/]/).at(-1)!;
    if (type !== undefined) files.set(name, { bytes: readFileSync(path), type });
  }
  return files;
}
