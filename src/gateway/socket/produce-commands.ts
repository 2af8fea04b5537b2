import { setTimeout as delay } from 'node:timers/promises';
import type { BatchOptions } from '../../records/batch-builder.ts';
import {
  BATCH_HEADER_SIZE,
  isControl,
  isTransactional,
  recordCount,
  wholeBatchSize,
} from '../../records/batch-layout.ts';
import { CommandError } from '../command/command-error.ts';
import { badValue, type Fields } from '../command/fields.ts';
import { IN_FLIGHT_BYTES_MAX } from '../command/hello.ts';
import { ACKS_ALL, parseAcks } from '../produce/acks.ts';
import type { AppendJob } from '../produce/append-job.ts';
import { PRODUCED_FORMS, parseRecord } from '../produce/produced-record.ts';
import type { Answer, Session } from './session.ts';

export const RECORDS_MAX = 10_000;
const INT32_MAX = 2 ** 31 - 1;
const INT16_MAX = 2 ** 15 - 1;
/** The memory that a record takes besides its bytes. */
const RECORD_BYTES = 100;

/** The layout of a binary frame: see the README. */
const KIND_PRODUCE = 2;
const ACKS_AT = 1;
const TOPIC_BYTES_AT = 2;
const ID_AT = 4;
const PARTITION_AT = 8;
const FRAME_HEADER_BYTES = 12;
const ACKS_ALL_BYTE = 255;
const BATCHES_MAX = 1000;

export function produce(session: Session, fields: Fields): Promise<Answer> {
  const { producing } = session.services;
  const topic = producing.topic(fields.requiredText('topic'), 'topic', session.rights);
  const acks = parseAcks(fields.raw('acks'), 'acks');
  const forms = {
    keys: fields.oneOf('keys', PRODUCED_FORMS, 'text'),
    values: fields.oneOf('values', PRODUCED_FORMS, 'text'),
  };
  const partition = fields.integer('partition', 0, INT32_MAX) ?? -1;
  const idempotence = idempotenceOf(fields, partition);
  const list = fields.list('records');
  if (list === undefined || list.length === 0 || list.length > RECORDS_MAX) {
    throw badValue('records', `must be a list of 1 to ${RECORDS_MAX} records`);
  }
  const nowMs = session.services.front.clock.wallMs();
  let bytes = 0;
  const records = list.map((value, i) => {
    const record = parseRecord(value, `records.${i}`, forms, nowMs);
    bytes += RECORD_BYTES + (record.key?.length ?? 0) + (record.value?.length ?? 0);
    if (partition >= 0 && record.partition >= 0 && record.partition !== partition) {
      throw badValue(`records.${i}.partition`, 'is not that of the command');
    }
    return record;
  });
  const request = { topic, acks, partition, records, idempotence };
  return inFlight(session, bytes, acks, () => producing.produce(request));
}

function idempotenceOf(fields: Fields, partition: number): BatchOptions {
  const producerId = fields.integer('producerId', 0);
  if (producerId === undefined) return {};
  if (partition < 0) throw badValue('partition', 'must be given with producerId');
  return {
    producerId,
    producerEpoch: fields.integer('producerEpoch', 0, INT16_MAX) ?? 0,
    baseSequence: fields.requiredInteger('sequence', 0, INT32_MAX),
  };
}

/** Runs a produce if the unanswered bytes of this socket and of the broker allow it. */
async function inFlight(
  session: Session,
  bytes: number,
  acks: number,
  run: () => Promise<AppendJob>,
): Promise<Answer> {
  const { budget } = session.services.front.kafka;
  if (session.inFlightBytes + bytes > IN_FLIGHT_BYTES_MAX && session.inFlightBytes > 0) {
    throw new CommandError('busy', `over ${IN_FLIGHT_BYTES_MAX} produced bytes wait for answers`);
  }
  if (budget.isExhausted) throw new CommandError('busy', 'the broker has too much to do');
  session.inFlightBytes += bytes;
  budget.charge(bytes);
  try {
    const job = await run();
    // Over its quota the client waits, and what waits counts as in flight.
    const pauseMs = session.produced(bytes);
    if (pauseMs > 0) await delay(pauseMs);
    return answerOf(job, acks);
  } finally {
    session.inFlightBytes -= bytes;
    budget.charge(-bytes);
  }
}

function answerOf(job: AppendJob, acks: number): Answer {
  const { offsets } = job;
  if (job.hasFailed) {
    const failed = job.failures;
    const refusal = new CommandError('produce_failed', 'not all records were appended');
    refusal.details = { offsets, failed };
    throw refusal;
  }
  return acks === 0 ? undefined : { offsets };
}

export async function producer(session: Session): Promise<Answer> {
  const { rights } = session;
  if (!rights.allowsOnCluster('IDEMPOTENT_WRITE') && !rights.allowsAny('WRITE', 'TOPIC')) {
    throw new CommandError('forbidden', 'this client may produce nothing');
  }
  const producerId = await session.services.producing.newProducerId();
  return { producerId, producerEpoch: 0 };
}

/** Handles a binary message of `millrace.batch`. `onId` is called as soon as the id is known. */
export function produceFrame(
  session: Session,
  frame: Buffer,
  onId: (id: number) => void,
): Promise<Answer> {
  if (frame.length < FRAME_HEADER_BYTES) throw badBatch('the frame is shorter than its header');
  onId(frame.readUInt32BE(ID_AT));
  if (frame[0] !== KIND_PRODUCE) throw badBatch(`unknown kind ${frame[0]}`);
  const acksByte = frame[ACKS_AT]!;
  if (acksByte > 1 && acksByte !== ACKS_ALL_BYTE) throw badBatch(`unknown acks ${acksByte}`);
  const acks = acksByte === ACKS_ALL_BYTE ? ACKS_ALL : acksByte;
  const batchesAt = FRAME_HEADER_BYTES + frame.readUInt16BE(TOPIC_BYTES_AT);
  if (batchesAt > frame.length) throw badBatch('the topic name does not fit into the frame');
  const { producing } = session.services;
  const name = frame.toString('utf8', FRAME_HEADER_BYTES, batchesAt);
  const topic = producing.topic(name, 'topic', session.rights);
  const asked = frame.readInt32BE(PARTITION_AT);
  const index = asked === -1 ? producing.somePartition(topic) : asked;
  const mirror = producing.partition(topic, index, 'partition');
  const batches = splitBatches(frame, batchesAt);
  return inFlight(session, frame.length, acks, () =>
    producing.appendBatches(topic, mirror, acks, batches),
  );
}

function splitBatches(frame: Buffer, from: number): { batch: Buffer; count: number }[] {
  const batches: { batch: Buffer; count: number }[] = [];
  let at = from;
  while (at < frame.length) {
    const size = wholeBatchSize(frame, at, frame.length);
    if (size < BATCH_HEADER_SIZE) throw badBatch(`there is no whole record batch at byte ${at}`);
    if (isTransactional(frame, at) || isControl(frame, at)) {
      throw badBatch('a batch may be idempotent, but not of a transaction: use a Kafka client');
    }
    if (batches.length === BATCHES_MAX) throw badBatch(`there are over ${BATCHES_MAX} batches`);
    batches.push({ batch: frame.subarray(at, at + size), count: recordCount(frame, at) });
    at += size;
  }
  if (batches.length === 0) throw badBatch('there is no record batch');
  return batches;
}

function badBatch(message: string): CommandError {
  return new CommandError('bad_batch', message);
}
