import type { ClientQuota } from '../../metadata/image.ts';
import { type QuotaName, type QuotaShare, QuotaTable } from './quota-table.ts';

/** Clients choose their ids, so what is remembered of them is bounded. */
const CLIENTS_MAX = 20_000;

/** The shares of one quota name, remembered by client. A change of the quotas makes a new one. */
export class ClientShares {
  readonly #table: QuotaTable;
  readonly #byUser = new Map<string, Map<string, QuotaShare | null>>();
  #count = 0;

  constructor(quotas: Iterable<ClientQuota>, name: QuotaName) {
    this.#table = new QuotaTable(quotas, name);
  }

  get areSet(): boolean {
    return !this.#table.isEmpty;
  }

  of(user: string, clientId: string): QuotaShare | null {
    if (this.#table.isEmpty) return null;
    let byClient = this.#byUser.get(user);
    const known = byClient?.get(clientId);
    if (known !== undefined) return known;
    if (this.#count >= CLIENTS_MAX) {
      this.#byUser.clear();
      this.#count = 0;
      byClient = undefined;
    }
    if (byClient === undefined) {
      byClient = new Map();
      this.#byUser.set(user, byClient);
    }
    const share = this.#table.shareOf(user, clientId);
    byClient.set(clientId, share);
    this.#count++;
    return share;
  }
}
