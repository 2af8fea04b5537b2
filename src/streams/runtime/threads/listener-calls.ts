import type { RestoreListener, StandbyListener } from '../restore-listener.ts';

/** What listeners are told of. */
export type ListenerKind = 'restores' | 'standbys';

type AnyListener = RestoreListener & StandbyListener;

/** A call of a listener that goes to another thread. */
export interface ListenerCall {
  readonly kind: ListenerKind;
  readonly name: keyof AnyListener;
  readonly args: readonly unknown[];
}

const CALLS: Readonly<Record<ListenerKind, readonly (keyof AnyListener)[]>> = {
  restores: ['onRestoreStart', 'onBatchRestored', 'onRestoreEnd', 'onRestoreSuspended'],
  standbys: ['onUpdateStart', 'onBatchLoaded', 'onUpdateSuspended'],
};

/** A listener that gives all of its calls to `tell`. */
export function forwardingListener(
  kind: ListenerKind,
  tell: (call: ListenerCall) => void,
): AnyListener {
  const calls = CALLS[kind].map((name) => {
    return [name, (...args: unknown[]) => tell({ kind, name, args })] as const;
  });
  return Object.fromEntries(calls);
}

/** Makes a call that came from another thread. */
export function callListener(listener: AnyListener, { name, args }: ListenerCall): void {
  const call = listener[name] as ((...args: readonly unknown[]) => void) | undefined;
  call?.apply(listener, [...args]);
}
