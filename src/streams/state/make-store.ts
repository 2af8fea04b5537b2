import type { StateStore } from '../topology/state-store.ts';
import type { StoreSpec } from '../topology/store-spec.ts';
import { ArenaJoinBuffer } from './stores/arena-join-buffer.ts';
import { ArenaKeyValueStore } from './stores/arena-key-value-store.ts';
import { ArenaOuterJoinBuffer } from './stores/arena-outer-join-buffer.ts';
import { ArenaSessionStore } from './stores/arena-session-store.ts';
import { ArenaSuppressBuffer } from './stores/arena-suppress-buffer.ts';
import { ArenaVersionedStore } from './stores/arena-versioned-store.ts';
import { ArenaWindowStore } from './stores/arena-window-store.ts';
import type { StoreEnvironment } from './stores/store-environment.ts';

/** The store of a task that a topology's description asks for. */
export function makeStore(spec: StoreSpec, environment: StoreEnvironment = {}): StateStore {
  switch (spec.kind) {
    case 'key-value':
      return new ArenaKeyValueStore(spec, environment);
    case 'versioned':
      return new ArenaVersionedStore(spec, environment);
    case 'window':
      return new ArenaWindowStore(spec, environment);
    case 'session':
      return new ArenaSessionStore(spec, environment);
    case 'suppress':
      return new ArenaSuppressBuffer(spec, environment);
    case 'outer-join':
      return new ArenaOuterJoinBuffer(spec, environment);
    case 'join-buffer':
      return new ArenaJoinBuffer(spec, environment);
    case 'custom':
      return spec.build();
  }
}
