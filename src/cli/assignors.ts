import {
  cooperativeStickyAssignor,
  type PartitionAssignor,
  rangeAssignor,
  roundRobinAssignor,
  stickyAssignor,
} from '../client/index.ts';
import { UsageError } from './usage-error.ts';

const ASSIGNORS = [rangeAssignor, roundRobinAssignor, stickyAssignor, cooperativeStickyAssignor];

/** Assignors by their names with commas, or by the names of Java's classes. */
export function assignorsOf(names: string): PartitionAssignor[] {
  return names.split(',').map((name) => {
    const short = name
      .trim()
      .replace(/^org\.apache\.kafka\.clients\.consumer\./, '')
      .replace(/Assignor$/, '')
      .replaceAll('-', '')
      .toLowerCase();
    const found = ASSIGNORS.find((each) => each.name.replaceAll('-', '') === short);
    if (found !== undefined) return found;
    const expected = ASSIGNORS.map((each) => each.name).join(', ');
    throw new UsageError(`no assignor '${name}'; expected some of ${expected}`);
  });
}
