/** A CPU profile of V8 as a tree of calls with the time each took. */
import { basename } from 'node:path';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
  };
  readonly children?: readonly number[];
}

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface Call {
  readonly name: string;
  /** Microseconds, those that it called included. */
  readonly us: number;
  readonly calls: readonly Call[];
}

/** What a function is called, and where it is. */
export function nameOfCall({ callFrame }: Pick<ProfileNode, 'callFrame'>): string {
  const { functionName, url, lineNumber } = callFrame;
  const place = url === '' ? '' : ` ${basename(url)}:${lineNumber + 1}`;
  return `${functionName === '' ? '(anonymous)' : functionName}${place}`;
}

/** Calls of the same function by the same path are one; the longest first. Idle time is left out. */
export function callTree(profile: CpuProfile): Call {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const self = new Map<number, number>();
  for (const [i, id] of profile.samples.entries()) {
    self.set(id, (self.get(id) ?? 0) + (profile.timeDeltas[i] ?? 0));
  }
  const build = (nodes: readonly ProfileNode[], name: string): Call => {
    const groups = new Map<string, ProfileNode[]>();
    let us = nodes.reduce((sum, { id }) => sum + (self.get(id) ?? 0), 0);
    for (const child of nodes.flatMap(({ children }) => children ?? [])) {
      const node = byId.get(child)!;
      const key = nameOfCall(node);
      if (key !== '(idle)') groups.set(key, [...(groups.get(key) ?? []), node]);
    }
    const calls = [...groups].map(([key, group]) => build(group, key));
    for (const call of calls) us += call.us;
    return { name, us, calls: calls.sort((one, other) => other.us - one.us) };
  };
  return build(profile.nodes.slice(0, 1), 'all');
}
