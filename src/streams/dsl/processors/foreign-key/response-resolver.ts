import type { RecordHeaders } from '../../../../client/consumer/records/record-headers.ts';
import type { NodeContext } from '../../../topology/node-context.ts';
import type { ProcessorMaker } from '../../../topology/node-definitions.ts';
import type { NodeProcessor } from '../../../topology/node-processor.ts';
import type { AnySerde } from '../../../topology/store-spec.ts';
import { settled } from '../../callbacks.ts';
import type { ValueGetter, ValueView } from '../../tables/value-view.ts';
import type { AnyJoiner } from '../stream-table-join.ts';
import type { Response } from './response.ts';
import { isSameHash, valueHash } from './value-hash.ts';

/** How answers are joined. */
export interface ResponseResolverHow {
  readonly view: ValueView;
  readonly value: AnySerde;
  readonly joiner: AnyJoiner;
  readonly isLeft: boolean;
}

class ResponseResolverProcessor implements NodeProcessor {
  readonly #how: ResponseResolverHow;
  readonly #own: ValueGetter;
  #context!: NodeContext;

  constructor(how: ResponseResolverHow) {
    this.#how = how;
    this.#own = how.view.make();
  }

  open(context: NodeContext): void {
    this.#context = context;
    this.#own.open(context);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const { hash, foreignValue } = value as Response;
    const { value: serde, joiner, isLeft } = this.#how;
    const own = this.#own.get(key);
    if (!isSameHash(valueHash(serde, own, this.#context.topic), hash)) {
      // The row has changed since: the answer to its newer subscription comes too.
      this.#context.dropped('stale-response');
      return;
    }
    const isGone = foreignValue === null && (!isLeft || own === null);
    const joined = isGone ? null : settled(joiner(own, foreignValue, key), this.#context.node);
    this.#context.forward(key, joined, timestamp, headers);
  }
}

/** Joins a row with the answer, if the row is still the one that subscribed. */
export class ResponseResolver implements ProcessorMaker {
  readonly #how: ResponseResolverHow;

  constructor(how: ResponseResolverHow) {
    this.#how = how;
  }

  make(): NodeProcessor {
    return new ResponseResolverProcessor(this.#how);
  }
}
