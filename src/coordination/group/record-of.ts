import type { Draft } from '../../protocol/frames.ts';
import { encodeVersioned } from '../../protocol/message-bytes.ts';
import type { MessageSchema } from '../../protocol/schema-dsl.ts';
import type { CoordinatorRecord } from '../effects.ts';
import type { RecordType } from './record-keys.ts';
import { recordKey } from './record-keys.ts';

/** Every value of a consumer or streams group is at version 0, which is flexible. */
const VALUE_VERSION = 0;

/** A record of a consumer or streams group; `name` is that of a member, or a regular expression. */
export function recordOf<T>(
  type: RecordType,
  groupId: string,
  name: string | undefined,
  schema: MessageSchema<T>,
  value: Draft<T>,
): CoordinatorRecord {
  const key = recordKey(type, groupId, name);
  return { key, value: encodeVersioned(schema, VALUE_VERSION, value) };
}

/** The record that takes back an earlier one with the same key. */
export function tombstoneOf(type: RecordType, groupId: string, name?: string): CoordinatorRecord {
  return { key: recordKey(type, groupId, name), value: null };
}
