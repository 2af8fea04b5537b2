import { reasonOf } from '../../base/errors.ts';
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

  constructor(token: string | null) {
    this.#token = token;
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
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (this.#token !== null) headers.authorization = `Bearer ${this.#token}`;
    try {
      const response = await fetch(`http://${hostText(host)}/streams/query`, {
        method: 'POST',
        headers,
        body: JSON.stringify(query),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: response.status, body: await response.json() };
    } catch (thrown) {
      const what = `${hostText(host)} does not answer: ${reasonOf(thrown)}`;
      throw new QueryError('QUERY_NO_ANSWER', what, host);
    }
  }
}
