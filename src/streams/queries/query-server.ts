import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { inBackground } from '../../base/in-background.ts';
import { type HostInfo, hostText } from './host-info.ts';
import { PageFiles } from './page-files.ts';
import type { WireQuery, WireRow } from './query-codec.ts';
import { QueryError, type QueryErrorCode } from './query-error.ts';
import { type AccessOptions, pathOf, ServerAccess } from './server-access.ts';

const BODY_BYTES_MAX = 1 << 20;
const REQUEST_TIMEOUT_MS = 30_000;

/** What the server tells of its application. */
export interface ServedApplication {
  answer(query: WireQuery): readonly WireRow[] | Promise<readonly WireRow[]>;
  /** Which instance has which tasks, as far as this one knows. */
  metadata(): unknown;
  /** In Prometheus' text format. */
  metrics(): string | Promise<string>;
  /** What the page shows. */
  figures(): unknown | Promise<unknown>;
}

export interface ServerOptions extends Omit<AccessOptions, 'advertised' | 'isSecure'> {
  /** As others know it; port 0 stands for the one that it listens at. */
  readonly advertised: HostInfo;
  readonly listen: HostInfo;
  /** Null serves http, else https. */
  readonly tls: TlsOptions | null;
  readonly hasPage: boolean;
  readonly onFailure: (thrown: unknown) => void;
}

const STATUS: Readonly<Record<QueryErrorCode, number>> = {
  QUERY_UNKNOWN_STORE: 404,
  QUERY_WRONG_KIND: 400,
  QUERY_NOT_RUNNING: 503,
  QUERY_REBALANCING: 503,
  QUERY_NOT_HERE: 421,
  QUERY_STALE: 503,
  QUERY_TOO_LARGE: 413,
  QUERY_NO_ANSWER: 504,
  QUERY_REFUSED: 401,
};

/**
 * The HTTP server of an application: questions of other instances, metrics, and the page where it
 * is wanted.
 */
export class QueryServer {
  readonly #server: Server;
  readonly #options: ServerOptions;
  readonly #application: ServedApplication;
  readonly #page: PageFiles | null;
  readonly #access: ServerAccess;

  constructor(options: ServerOptions, application: ServedApplication) {
    this.#options = options;
    this.#application = application;
    this.#page = options.hasPage ? new PageFiles() : null;
    const { tls } = options;
    this.#access = new ServerAccess({ ...options, isSecure: tls !== null });
    const settings = { requestTimeout: REQUEST_TIMEOUT_MS };
    const serve = (request: IncomingMessage, response: ServerResponse) => {
      inBackground(this.#serve(request, response), (thrown) => this.#fail(response, thrown));
    };
    this.#server =
      tls === null
        ? createServer(settings, serve)
        : createSecureServer({ ...tls, ...settings }, serve);
  }

  /** Resolves with where it is reached. */
  async open(): Promise<HostInfo> {
    const { listen, advertised } = this.#options;
    this.#server.listen(listen.port, listen.host);
    await once(this.#server, 'listening');
    // An error after that concerns one connection, and the others go on.
    this.#server.on('error', (thrown) => this.#options.onFailure(thrown));
    const { port } = this.#server.address() as AddressInfo;
    return advertised.port === 0 ? { ...advertised, port } : advertised;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request.url ?? '/');
    response.setHeader('x-content-type-options', 'nosniff');
    if (this.#access.isForeign(request)) {
      const reason =
        'the request comes from a page of somebody else, or by a name that is not ours';
      return answerJson(response, 403, { code: 'QUERY_REFUSED', reason });
    }
    // The files of the page say nothing of the application.
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead && this.#page?.serve(path, response) === true) return;
    if (!(await this.#access.allows(request))) {
      response.setHeader('www-authenticate', 'Bearer');
      const reason = 'a token is wanted: Authorization: Bearer …';
      return answerJson(response, 401, { code: 'QUERY_REFUSED', reason });
    }
    await this.#route(`${request.method} ${path}`, request, response);
  }

  async #route(route: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (route) {
      case 'POST /streams/query':
        return await this.#answer(await bodyOf(request), response);
      case 'GET /streams/metadata':
        return answerJson(response, 200, this.#application.metadata());
      case 'GET /streams/figures':
        return answerJson(response, 200, await this.#application.figures());
      case 'GET /metrics': {
        const text = await this.#application.metrics();
        response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
        response.end(text);
        return;
      }
      default: {
        const paths = 'POST /streams/query, GET /streams/metadata, GET /metrics';
        const reason = `there is no ${route}; there are ${paths}`;
        return answerJson(response, 404, { code: 'not_found', reason });
      }
    }
  }

  async #answer(body: string, response: ServerResponse): Promise<void> {
    const query = parsed(body);
    if (typeof query?.store !== 'string' || typeof query.query !== 'object') {
      throw new QueryError('QUERY_WRONG_KIND', 'expected JSON with a store and a query');
    }
    answerJson(response, 200, { rows: await this.#application.answer(query) });
  }

  #fail(response: ServerResponse, thrown: unknown): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    if (thrown instanceof QueryError) {
      const { code, message: reason, host } = thrown;
      // The rest of the question is not read.
      if (code === 'QUERY_TOO_LARGE') response.setHeader('connection', 'close');
      answerJson(response, STATUS[code], { code, reason, host });
      return;
    }
    this.#options.onFailure(thrown);
    const at = hostText(this.#options.advertised);
    const reason = `the instance at ${at} failed; its log says more`;
    answerJson(response, 500, { code: 'internal', reason });
  }
}

function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.setHeader('cache-control', 'no-store');
  response.end(JSON.stringify(body));
}

function parsed(body: string): WireQuery | null {
  try {
    return JSON.parse(body) as WireQuery | null;
  } catch {
    return null;
  }
}

function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= BODY_BYTES_MAX) return;
      request.pause();
      const what = `a question has at most ${BODY_BYTES_MAX} bytes`;
      reject(new QueryError('QUERY_TOO_LARGE', what));
    });
    request.once('error', reject);
    request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}
