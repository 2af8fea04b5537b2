import { readdirSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PAGE_POLICY, type PageFile, readPageFile } from '../../base/page-file.ts';

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
  #files: Map<string, PageFile> | null = null;

  /** False where there is no such file. */
  serve(path: string, response: ServerResponse): boolean {
    this.#files ??= readFiles();
    const name = path === '/' ? 'index.html' : /^\/page\/([\w.-]+)$/.exec(path)?.[1];
    const file = name === undefined ? undefined : this.#files.get(name);
    if (file === undefined) return false;
    response.setHeader('content-type', file.contentType);
    response.setHeader('content-security-policy', PAGE_POLICY);
    response.end(file.bytes);
    return true;
  }
}

function readFiles(): Map<string, PageFile> {
  const own = fileURLToPath(OWN);
  const shared = fileURLToPath(SHARED);
  const paths = [
    ...SHARED_FILES.map((name) => join(shared, name)),
    ...readdirSync(own).map((name) => join(own, name)),
  ];
  const files = new Map<string, PageFile>();
  for (const path of paths) {
    const file = readPageFile(path);
    if (file !== null) files.set(basename(path), file);
  }
  return files;
}
