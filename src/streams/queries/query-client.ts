import { type ClientRequest, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { json } from 'node:stream/consumers';
import type { SecureContextOptions } from 'node:tls';
import { reasonOf } from '../../base/errors.ts';
import { inBackground } from '../../base/in-background.ts';
import { type HostInfo, hostText } from './host-info.ts';
import type { WireQuery, WireRow } from './query-codec.ts';
import { QueryError, type QueryErrorCode } from './query-error.ts';

const TIMEOUT_MS = 5_000;
const HTTP_OK = 200;

/** What an instance answers that cannot say more. */
interface WireError {
  readonly code?: string;
  readonly reason?: string;
  readonly host?: HostInfo | null;
}

/** Asks other instances. */
export class QueryClient {
  readonly #token: string | null;
  readonly #tls: SecureContextOptions | null;

  /** With `tls` it asks by https. */
  constructor(token: string | null, tls: SecureContextOptions | null) {
    this.#token = token;
    this.#tls = tls;
  }

  async ask(host: HostInfo, query: WireQuery): Promise<WireRow[]> {
    const { status, body } = await this.#post(host, query);
    if (status === HTTP_OK) return (body as { rows: WireRow[] }).rows;
    const {
      code = 'QUERY_NO_ANSWER',
      reason = `status ${status}`,
      host: owner,
    } = body as WireError;
    const known = code.startsWith('QUERY_') ? (code as QueryErrorCode) : 'QUERY_NO_ANSWER';
    throw new QueryError(known, `${hostText(host)}: ${reason}`, owner ?? null);
  }

  async #post(host: HostInfo, query: WireQuery): Promise<{ status: number; body: unknown }> {
    const bearer = this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
    const headers = { 'content-type': 'application/json', ...bearer };
    const { host: hostname, port } = host;
    const options = { hostname, port, path: '/streams/query', method: 'POST', headers };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const asked =
        this.#tls === null
          ? request({ ...options, signal })
          : secureRequest({ ...this.#tls, ...options, signal });
      return await answered(asked, JSON.stringify(query));
    } catch (thrown) {
      const what = `${hostText(host)} does not answer: ${reasonOf(thrown)}`;
      throw new QueryError('QUERY_NO_ANSWER', what, host);
    }
  }
}

function answered(asked: ClientRequest, body: string): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    asked.once('error', reject);
    asked.once('response', (response) => {
      const { statusCode: status = 0 } = response;
      inBackground(
        json(response).then((parsed) => resolve({ status, body: parsed })),
        reject,
      );
    });
    asked.end(body);
  });
}
