import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PAGE_POLICY, type PageFile, readPageFile } from '../../base/page-file.ts';
import type { HttpEngine, HttpRoute } from '../engine/http-engine.ts';
import { refuse } from '../engine/refuse.ts';

const INDEX = 'index.html';

/** The same relative path holds from dist/gateway/http and, bundled, from dist/bundle/chunks. */
const PAGE = new URL('../../gateway/page/', import.meta.url);

/** Serves the page at `/` and its files at `/page/`. The directory is read once at the start. */
export function routePage(engine: HttpEngine): void {
  const files = readFiles(fileURLToPath(PAGE));
  const serve = (name: string): HttpRoute => {
    return (response, request) => {
      const file = files.get(name === '' ? (request.getParameter(0) ?? '') : name);
      if (file === undefined) {
        const reason = 'there is no such file';
        refuse(response, { status: '404 Not Found', code: 'not_found', reason });
        return;
      }
      response.writeHeader('content-type', file.contentType);
      response.writeHeader('content-security-policy', PAGE_POLICY);
      response.writeHeader('x-content-type-options', 'nosniff');
      response.end(file.bytes);
    };
  };
  engine.get('/', serve(INDEX));
  engine.get('/page/:file', serve(''));
}

function readFiles(directory: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const name of namesIn(directory)) {
    const file = readPageFile(join(directory, name));
    if (file !== null) files.set(name, file);
  }
  return files;
}

/** A build without the page has no files. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw thrown;
  }
}
