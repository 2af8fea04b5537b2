import { readFileSync } from 'node:fs';
import { extname } from 'node:path';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** The content security policy of pages: scripts are files of the page's own. */
export const PAGE_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

/** A file of a page, as it is served. */
export interface PageFile {
  readonly bytes: Buffer;
  readonly contentType: string;
}

/** Null where the file is of no kind that pages consist of. */
export function readPageFile(path: string): PageFile | null {
  const contentType = CONTENT_TYPES[extname(path)];
  return contentType === undefined ? null : { bytes: readFileSync(path), contentType };
}
