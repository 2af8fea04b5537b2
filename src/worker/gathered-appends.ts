import { failPoint } from '../base/fail-point.ts';
import { AppendRun } from '../partition/append-run.ts';
import type { AppendCommands } from './append-commands.ts';
import type { HostedPartition } from './partition-host.ts';

/** What the outcome of a gathered batch is told with. */
interface Waiting {
  readonly ticket: number;
  readonly index: number;
  readonly acks: number;
  readonly version: number;
}

/** The batches that one partition got in this turn. */
interface Gathered {
  readonly hosted: HostedPartition;
  readonly run: AppendRun;
  readonly waiting: Waiting[];
}

/**
 * Appends of one turn, whose batches lie in one memory, go to each partition's log in one write:
 * fewer system calls, and the pages of larger writes cost the system less. Their outcomes are told
 * after it. Where the write fails, each of them is tried by itself, so that only what cannot be
 * written fails.
 */
export class GatheredAppends {
  readonly #appends: AppendCommands;
  readonly #byPartition = new WeakMap<HostedPartition, Gathered>();
  readonly #open: Gathered[] = [];

  constructor(appends: AppendCommands) {
    this.#appends = appends;
  }

  get isEmpty(): boolean {
    return this.#open.length === 0;
  }

  /** False where the batch must be appended by itself, once what is gathered was written. */
  add(
    hosted: HostedPartition,
    waiting: Waiting,
    memory: Buffer,
    at: number,
    length: number,
    wallMs: number,
  ): boolean {
    if (hosted.partition === null || hosted.partition.role.lacksReplicas) return false;
    const gathered = this.#of(hosted);
    const isFirst = gathered.run.count === 0;
    if (!gathered.run.add(memory, at, length, waiting.version, wallMs)) return false;
    gathered.waiting.push(waiting);
    if (isFirst) this.#open.push(gathered);
    return true;
  }

  /** A partition that was closed and opened again is another one. */
  #of(hosted: HostedPartition): Gathered {
    const known = this.#byPartition.get(hosted);
    if (known !== undefined && known.run.partition === hosted.partition) return known;
    const gathered = { hosted, run: new AppendRun(hosted.partition!), waiting: [] };
    this.#byPartition.set(hosted, gathered);
    return gathered;
  }

  write(memory: Buffer): void {
    const open = this.#open;
    for (let i = 0; i < open.length; i++) this.#write(open[i]!, memory);
    // Setting the length of an array is dear.
    while (open.length > 0) open.pop();
  }

  #write({ hosted, run, waiting }: Gathered, memory: Buffer): void {
    let done = 0;
    if (run.write(memory)) {
      while (done < run.count && run.take(done, memory)) {
        if (failPoint !== null) failPoint('append-before-ack');
        const { ticket, index, acks } = waiting[done++]!;
        this.#appends.appended(hosted, ticket, index, acks);
      }
    }
    if (done < run.count) run.cutRest();
    for (; done < run.count; done++) {
      run.restore(done, memory);
      const { ticket, index, acks, version } = waiting[done]!;
      const at = run.parts[2 * done]!;
      const length = run.parts[2 * done + 1]!;
      const { slot } = hosted;
      this.#appends.append(slot, ticket, index, acks, version, memory, at, length, run.wallMs);
    }
    run.clear();
    while (waiting.length > 0) waiting.pop();
  }
}
