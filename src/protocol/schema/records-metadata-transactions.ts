import { message, string, struct } from '../schema-dsl.ts';

export interface BeginTransactionRecord {
  name: string | null;
}

export type EndTransactionRecord = Record<never, never>;

export interface AbortTransactionRecord {
  reason: string | null;
}

export const BEGIN_TRANSACTION_RECORD = message({
  name: 'BeginTransactionRecord',
  recordType: 23,
  versions: '0',
  flexible: '0+',
  body: struct<BeginTransactionRecord>({
    name: string('0+', { nullable: '0+', tag: 0, tagged: '0+', default: null }),
  }),
});

export const END_TRANSACTION_RECORD = message({
  name: 'EndTransactionRecord',
  recordType: 24,
  versions: '0',
  flexible: '0+',
  body: struct<EndTransactionRecord>({}),
});

export const ABORT_TRANSACTION_RECORD = message({
  name: 'AbortTransactionRecord',
  recordType: 25,
  versions: '0',
  flexible: '0+',
  body: struct<AbortTransactionRecord>({
    reason: string('0+', { nullable: '0+', tag: 0, tagged: '0+', default: null }),
  }),
});
