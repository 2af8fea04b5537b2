import { durationMs } from '../topology/duration.ts';
import type { AnySerde, SessionSpec, WindowSpec } from '../topology/store-spec.ts';
import { TopologyError } from '../topology/topology-error.ts';
import type { WindowStoreOptions } from './operator-options.ts';
import type { EmitStrategy } from './processors/window-aggregation.ts';
import { storeSettings } from './store-specs.ts';
import type { SessionWindows, SlidingWindows, TimeWindows } from './windows.ts';

interface Serdes {
  readonly key: AnySerde;
  readonly value: AnySerde;
}

/** The store of an aggregate by time or by sliding windows. */
export function windowSpec(
  name: string,
  windows: TimeWindows | SlidingWindows,
  emit: EmitStrategy,
  serdes: Serdes,
  options: WindowStoreOptions = {},
): WindowSpec {
  const windowMs = windows.kind === 'time' ? windows.sizeMs : windows.differenceMs;
  // Sliding windows look back over two differences.
  const reachMs = windows.kind === 'time' ? windowMs : 2 * windowMs;
  const retentionMs = retentionOf(name, reachMs + windows.graceMs, options);
  return {
    kind: 'window',
    timestamped: true,
    ...windowSettings(name, emit, options),
    ...serdes,
    windowMs,
    retentionMs,
    headers: options.headers,
    retainDuplicates: false,
    timeOrdered: emit === 'on-close',
  };
}

/** The store of an aggregate by sessions. */
export function sessionSpec(
  name: string,
  windows: SessionWindows,
  emit: EmitStrategy,
  serdes: Serdes,
  options: WindowStoreOptions = {},
): SessionSpec {
  const leastMs = windows.gapMs + windows.graceMs;
  const asked = retentionOf(name, leastMs, options);
  // A session is open for a millisecond more than its gap and grace, and the store must show it as
  // long. Sessions that go on once wait in it for each other: a gap more lets many close together.
  const openMs = leastMs + 1 + (emit === 'on-close' ? windows.gapMs : 0);
  const retentionMs = Math.max(asked, openMs);
  const settings = windowSettings(name, emit, options);
  return {
    kind: 'session',
    ...settings,
    ...serdes,
    retentionMs,
    headers: options.headers,
    timeOrdered: emit === 'on-close',
  };
}

/** What is emitted once is not cached. */
function windowSettings(name: string, emit: EmitStrategy, options: WindowStoreOptions) {
  const settings = storeSettings(name, options);
  return emit === 'on-close' ? { ...settings, caching: false } : settings;
}

function retentionOf(name: string, leastMs: number, { retention }: WindowStoreOptions): number {
  if (retention === undefined) return leastMs;
  const retentionMs = durationMs(retention, `The retention of ${name}`);
  if (retentionMs >= leastMs) return retentionMs;
  const least = `its windows with their grace, which are ${leastMs} ms`;
  throw new TopologyError(
    `The retention of ${name} is ${retentionMs} ms, but must cover ${least}.`,
  );
}
