import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/** Scripts of the server's own and nothing that is made of text. */
const POLICY = "default-src 'self'; connect-src *";
const PAGE = '<!doctype html><title>test</title><script type="module" src="/program.js"></script>';

/** Serves a page with `program.mjs`, bundled as a program for browsers is. */
export class PageServer {
  readonly #server: Server;

  private constructor(code: string) {
    this.#server = createServer((request, response) => {
      const isProgram = request.url === '/program.js';
      const isPage = request.url === '/';
      const type = isProgram ? 'text/javascript' : 'text/html; charset=utf-8';
      response.writeHead(isProgram || isPage ? 200 : 204, {
        'content-type': type,
        'content-security-policy': POLICY,
      });
      response.end(isProgram ? code : isPage ? PAGE : undefined);
    });
  }

  static async start(): Promise<PageServer> {
    const server = new PageServer(await bundled());
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

async function bundled(): Promise<string> {
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'program.mjs'),
    platform: 'browser',
    transform: { target: 'es2022' },
  });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  return output[0].code;
}
