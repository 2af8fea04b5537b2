/** Who owns what in the group, from what its members tell; and whether all was read. */
export class Ownership {
  /** partition -> the member that has it */
  #owners = new Map();
  /** partition -> sorted list of [from, to) that somebody was given */
  #read = new Map();
  #joined = new Set();
  findings = [];
  figures = { joins: 0, leaves: 0, moves: 0, errors: 0, refusedCommits: 0, records: 0 };
  errors = new Map();

  take(event) {
    const { member, partitions = [] } = event;
    switch (event.event) {
      case 'joining':
        this.figures.joins++;
        this.#joined.add(member);
        break;
      case 'left':
        this.figures.leaves++;
        this.#joined.delete(member);
        this.#giveUp(member, [...this.#owners.keys()]);
        break;
      case 'assigned':
        this.#assign(member, partitions);
        break;
      case 'revoked':
      case 'lost':
        this.#giveUp(member, partitions);
        break;
      case 'read':
        this.#note(event);
        break;
      case 'refused':
        this.figures.refusedCommits++;
        this.#count(event.error);
        break;
      case 'error':
        this.figures.errors++;
        this.#count(event.error);
        break;
      default:
        this.findings.push(`${member}: ${event.error}`);
    }
  }

  #count(error) {
    this.errors.set(error, (this.errors.get(error) ?? 0) + 1);
  }

  #assign(member, partitions) {
    for (const partition of partitions) {
      const owner = this.#owners.get(partition);
      if (owner !== undefined && owner !== member) {
        this.findings.push(`${member} was given partition ${partition}, which ${owner} has`);
      }
      this.#owners.set(partition, member);
      this.figures.moves++;
    }
  }

  #giveUp(member, partitions) {
    for (const partition of partitions) {
      if (this.#owners.get(partition) === member) this.#owners.delete(partition);
    }
  }

  #note({ partition, from, to }) {
    this.figures.records += to - from;
    const ranges = this.#read.get(partition) ?? [];
    ranges.push([from, to]);
    this.#read.set(partition, ranges);
  }

  /** Every partition has an owner, and every member that is there has some. */
  isSharedOut(partitionCount) {
    if (this.#owners.size !== partitionCount) return false;
    const owners = new Set(this.#owners.values());
    return [...this.#joined].every((member) => owners.has(member));
  }

  describe() {
    const idle = [...this.#joined].filter((member) => ![...this.#owners.values()].includes(member));
    return `${this.#owners.size} partitions owned, without any: ${idle.join(' ') || 'nobody'}`;
  }

  /** The first offset of a partition that nobody was given. */
  firstUnread(partition) {
    const ranges = (this.#read.get(partition) ?? []).sort(([a], [b]) => a - b);
    let next = 0;
    for (const [from, to] of ranges) {
      if (from > next) break;
      next = Math.max(next, to);
    }
    return next;
  }
}
