import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { Change } from '../../topology/change.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import { settled } from '../callbacks.ts';
import type { ParentTable } from '../tables/parent-table.ts';
import type { TableMaker } from '../tables/table-maker.ts';
import type { ValueGetter, ValueView } from '../tables/value-view.ts';
import type { AnyJoiner } from './stream-table-join.ts';

/** The two tables of a join, as one side of it sees them. */
export interface TableJoinHow {
  readonly own: ParentTable;
  readonly other: ParentTable;
  /** Whether rows give a result that only this table has, and that only the other has. */
  readonly keepsOwn: boolean;
  readonly keepsOther: boolean;
  readonly isLeft: boolean;
  /** Always with the left value first. */
  readonly joiner: AnyJoiner;
}

class TableJoinProcessor implements NodeProcessor {
  readonly #side: TableJoinSupplier;
  readonly #other: ValueGetter;
  #context!: NodeContext;

  constructor(side: TableJoinSupplier, other: ValueGetter) {
    this.#side = side;
    this.#other = other;
  }

  open(context: NodeContext): void {
    this.#context = context;
    this.#other.open(context);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (key === null) {
      this.#context.dropped('null-key');
      return;
    }
    const { newValue, oldValue, isLatest } = value as Change<unknown>;
    const side = this.#side;
    if (side.usesVersionedSemantics && !isLatest) {
      this.#context.dropped('late-table-version');
      return;
    }
    const other = this.#other.get(key);
    const { keepsOwn } = side.how;
    if (other === null && (!keepsOwn || (newValue === null && oldValue === null))) return;
    const at = other === null ? timestamp : Math.max(timestamp, this.#other.foundTimestamp);
    const joined = side.joined(newValue, other, key, this.#context.node);
    const old = side.sendsOldValues ? side.joined(oldValue, other, key, this.#context.node) : null;
    this.#context.forward(key, { newValue: joined, oldValue: old, isLatest }, at, headers);
  }
}

class TableJoinGetter implements ValueGetter {
  readonly isVersioned = false;
  foundTimestamp = -1;
  readonly #side: TableJoinSupplier;
  readonly #own: ValueGetter;
  readonly #other: ValueGetter;
  #node = '';

  constructor(side: TableJoinSupplier, own: ValueGetter, other: ValueGetter) {
    this.#side = side;
    this.#own = own;
    this.#other = other;
  }

  open(context: NodeContext): void {
    this.#node = context.node;
    this.#own.open(context);
    this.#other.open(context);
  }

  get(key: unknown): unknown {
    const own = this.#own.get(key);
    const ownTimestamp = this.#own.foundTimestamp;
    const other = this.#other.get(key);
    const hasResult = other !== null || this.#side.how.keepsOwn;
    const joined = hasResult ? this.#side.joined(own, other, key, this.#node) : null;
    const latest = Math.max(
      own === null ? -1 : ownTimestamp,
      other === null ? -1 : this.#other.foundTimestamp,
    );
    this.foundTimestamp = joined === null ? -1 : latest;
    return joined;
  }

  getAsOf(key: unknown): unknown {
    return this.get(key);
  }
}

/** One side of a table-table join. */
export class TableJoinSupplier implements TableMaker {
  readonly how: TableJoinHow;
  sendsOldValues = false;
  usesVersionedSemantics = false;
  readonly #ownView: ValueView;
  readonly #otherView: ValueView;

  /** Both tables keep their rows from now on. */
  constructor(how: TableJoinHow) {
    this.how = how;
    this.#ownView = how.own.view();
    this.#otherView = how.other.view();
  }

  /** Null where the sides give no row. */
  joined(own: unknown, other: unknown, key: unknown, node: string): unknown {
    const { keepsOther, joiner, isLeft } = this.how;
    if (own === null && (other === null || !keepsOther)) return null;
    return settled(isLeft ? joiner(own, other, key) : joiner(other, own, key), node);
  }

  make(): NodeProcessor {
    return new TableJoinProcessor(this, this.#otherView.make());
  }

  view(): ValueView {
    return {
      make: () => new TableJoinGetter(this, this.#ownView.make(), this.#otherView.make()),
      stores: [...this.#ownView.stores, ...this.#otherView.stores],
    };
  }

  sendOldValues(): boolean {
    this.how.own.sendOldValues(true);
    this.how.other.sendOldValues(true);
    this.sendsOldValues = true;
    return true;
  }
}
