import type { ClientRights } from '../../front/requests/client-rights.ts';
import { CommandError } from '../command/command-error.ts';
import type { Fields } from '../command/fields.ts';
import type { Position } from '../stream/position.ts';
import { type RecordFields, TEXT_FORMS } from '../stream/record-json.ts';
import { partitionKey, type StartPoint } from '../stream/start-point.ts';
import { TopicChoice } from '../stream/topic-choice.ts';
import { queryInteger } from './exchange.ts';

/** How the records of a stream are written, out of its query. */
export function recordFieldsOf(query: Fields): RecordFields {
  return {
    keys: query.oneOf('keys', TEXT_FORMS, 'text'),
    values: query.oneOf('values', TEXT_FORMS, 'text'),
    headers: query.text('headers') !== 'false',
    times: query.text('times') !== 'false',
    partition: true,
  };
}

export function choiceOf(topic: string, query: Fields, rights: ClientRights): TopicChoice {
  const partition = queryInteger(query, 'partition', 0);
  const partitions = partition === undefined ? null : new Set([partition]);
  return new TopicChoice(new Set([topic]), '', partitions, rights);
}

/**
 * The start point out of the query: `earliest`, `latest`, an offset, `last:` and a count, or
 * `time:` and milliseconds.
 */
export function startOf(query: Fields, fallback: 'earliest' | 'latest'): StartPoint {
  const from = query.text('from') ?? fallback;
  if (from === 'earliest' || from === 'latest') return { kind: from };
  const [, kind, digits] = /^(time:|last:)?(\d{1,15})$/.exec(from) ?? [];
  if (digits === undefined) {
    const message = 'from must be earliest, latest, an offset, last:<count> or time:<milliseconds>';
    throw new CommandError('bad_value', message, 'from');
  }
  const value = Number(digits);
  if (kind === 'time:') return { kind: 'time', timeMs: value };
  if (kind === 'last:') return { kind: 'last', count: value };
  return { kind: 'offset', offset: value };
}

/** The start point out of the id of an event: `partition:next,…`. */
export function startOfEventId(topic: string, id: string): StartPoint {
  const positions = new Map<string, Position>();
  for (const part of id.split(',')) {
    const [, partition, offset] = /^(\d{1,9}):(\d{1,15})$/.exec(part.trim()) ?? [];
    if (offset === undefined) {
      const message = 'Last-Event-ID must be partition:offset,… as in the ids of the events';
      throw new CommandError('bad_value', message, 'lastEventId');
    }
    const index = Number(partition);
    const at = { topic, topicId: '', partition: index, offset: Number(offset), epoch: -1 };
    positions.set(partitionKey(topic, index), at);
  }
  return { kind: 'positions', positions, stream: '' };
}
