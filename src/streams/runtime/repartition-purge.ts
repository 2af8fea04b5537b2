import { every } from '../../base/every.ts';
import { unref } from '../../base/unref.ts';
import type { Admin } from '../../client/admin/admin.ts';
import type { OffsetToCommit } from '../../client/consumer/offsets/group-offsets.ts';
import { partitionName } from '../../client/topic-partition.ts';

/** Deletes what was read from repartition topics, up to what is committed. */
export class RepartitionPurge {
  readonly #admin: Admin;
  readonly #topics: ReadonlyMap<string, number>;
  readonly #committed: () => Iterable<OffsetToCommit>;
  readonly #purged = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    admin: Admin,
    intervalMs: number,
    topics: ReadonlyMap<string, number>,
    committed: () => Iterable<OffsetToCommit>,
    onFailure: (thrown: unknown) => void,
  ) {
    this.#admin = admin;
    this.#topics = topics;
    this.#committed = committed;
    this.#timer = unref(every(intervalMs, () => this.run(), onFailure));
  }

  async run(): Promise<void> {
    const due = [...this.#committed()].filter((each) => {
      const name = partitionName(each);
      return this.#topics.has(each.topic) && each.offset > (this.#purged.get(name) ?? 0);
    });
    if (due.length === 0) return;
    const wanted = due.map(({ topic, partition, offset: before }) => {
      return { topic, partition, before };
    });
    await this.#admin.records.delete(wanted);
    for (const each of due) this.#purged.set(partitionName(each), each.offset);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
