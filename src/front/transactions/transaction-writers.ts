/** Whose transaction a batch belonged to, and over which connection it came. */
export interface TransactionWriter {
  readonly transactionalId: string;
  readonly clientId: string;
  readonly address: string;
}

/** What a connection says of its client. */
interface WritingCall {
  readonly clientId: string | null;
  readonly connection: { readonly clientAddress: string };
}

const WRITERS_MAX = 10_000;

/**
 * The clients of transactional producers by producer id, for whoever looks for the one that holds a
 * partition. Of too many the one that wrote its first batch longest ago is forgotten. It is
 * remembered again at its next batch.
 */
export class TransactionWriters {
  readonly #byProducer = new Map<number, TransactionWriter>();
  readonly #max: number;

  constructor(max = WRITERS_MAX) {
    this.#max = max;
  }

  /** Called for every transactional batch. It makes something only where the client is new. */
  note(producerId: number, transactionalId: string, call: WritingCall): void {
    const known = this.#byProducer.get(producerId);
    const clientId = call.clientId ?? '';
    const address = call.connection.clientAddress;
    if (known?.clientId === clientId && known.address === address) return;
    this.#byProducer.delete(producerId);
    if (this.#byProducer.size >= this.#max) {
      for (const oldest of this.#byProducer.keys()) {
        this.#byProducer.delete(oldest);
        break;
      }
    }
    this.#byProducer.set(producerId, { transactionalId, clientId, address });
  }

  find(producerId: number): TransactionWriter | undefined {
    return this.#byProducer.get(producerId);
  }
}
