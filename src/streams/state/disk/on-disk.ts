import { reasonOf } from '../../../base/errors.ts';
import { StateError } from '../state-error.ts';

/** Makes a call of the file system. Where it is refused, STATE_DISK says what could not be done. */
export function onDisk<T>(failure: string, call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    throw diskError(failure, thrown);
  }
}

/** What the file system threw, as STATE_DISK. */
export function diskError(failure: string, thrown: unknown): StateError {
  return new StateError('STATE_DISK', `${failure}: ${reasonOf(thrown)}`, thrown);
}
