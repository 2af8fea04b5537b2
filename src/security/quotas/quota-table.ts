import { type ClientQuota, quotaKey } from '../../metadata/image.ts';

export type QuotaName =
  | 'producer_byte_rate'
  | 'consumer_byte_rate'
  | 'request_percentage'
  | 'controller_mutation_rate';

/** What a client may use, and with whom it shares it: clients of one key use it together. */
export interface QuotaShare {
  readonly key: string;
  readonly limit: number;
}

const DEFAULT = null;

/** The quotas of one name, looked up by Apache Kafka's precedence: the most specific one holds. */
export class QuotaTable {
  readonly #limits = new Map<string, number>();

  constructor(quotas: Iterable<ClientQuota>, name: QuotaName) {
    for (const { entity, values } of quotas) {
      const limit = values.get(name);
      if (limit !== undefined) this.#limits.set(quotaKey(entity), limit);
    }
  }

  get isEmpty(): boolean {
    return this.#limits.size === 0;
  }

  /**
   * Null where the client may use what it likes. A quota of a user is shared by its clients; one
   * of a user and a client id, or of defaults that stand for both, is each pair's own.
   */
  shareOf(user: string, clientId: string): QuotaShare | null {
    if (this.isEmpty) return null;
    return (
      this.#ofPair(user, clientId) ??
      this.#ofUser(user, user) ??
      this.#ofDefaultUser(user, clientId) ??
      this.#ofClient(clientId)
    );
  }

  #ofPair(user: string, clientId: string): QuotaShare | null {
    if (clientId === '') return null;
    const key = pairKey(user, clientId);
    return this.#share(key, key) ?? this.#share(pairKey(user, DEFAULT), key);
  }

  #ofUser(name: string | null, user: string): QuotaShare | null {
    return this.#share(quotaKey([['user', name]]), quotaKey([['user', user]]));
  }

  #ofDefaultUser(user: string, clientId: string): QuotaShare | null {
    const key = pairKey(user, clientId);
    const ofPair =
      clientId === ''
        ? null
        : (this.#share(pairKey(DEFAULT, clientId), key) ??
          this.#share(pairKey(DEFAULT, DEFAULT), key));
    return ofPair ?? this.#ofUser(DEFAULT, user);
  }

  #ofClient(clientId: string): QuotaShare | null {
    if (clientId === '') return null;
    const key = quotaKey([['client-id', clientId]]);
    return this.#share(key, key) ?? this.#share(quotaKey([['client-id', DEFAULT]]), key);
  }

  #share(rule: string, key: string): QuotaShare | null {
    const limit = this.#limits.get(rule);
    return limit === undefined ? null : { key, limit };
  }
}

function pairKey(user: string | null, clientId: string | null): string {
  return quotaKey([
    ['client-id', clientId],
    ['user', user],
  ]);
}
