import { inBackground } from '../../base/in-background.ts';
import { CommandError } from '../command/command-error.ts';
import type { Fields } from '../command/fields.ts';
import { parseReadsCommitted } from '../stream/isolation.ts';
import { parsePolicy, thinningOf } from '../stream/policy.ts';
import type { Gap } from '../stream/position.ts';
import { encodeToken } from '../stream/position-token.ts';
import { parseFilter } from '../stream/record-filter.ts';
import { type RecordFields, TEXT_FORMS } from '../stream/record-json.ts';
import { NO_THINNING, RecordSelection } from '../stream/record-selection.ts';
import { parseStartPoint, partitionKey, type StartPoint } from '../stream/start-point.ts';
import type { Start } from '../stream/start-resolver.ts';
import { type PositionRow, positionRow, positionRows } from '../stream/stream-hub.ts';
import { Subscription, type SubscriptionOptions } from '../stream/subscription.ts';
import { TopicChoice } from '../stream/topic-choice.ts';
import { joinGroup } from './join-group.ts';
import type { Answer, HeldSubscription, Session } from './session.ts';

const SUB_MAX = 2 ** 32 - 1;

export function subscribe(session: Session, fields: Fields): Answer | Promise<Answer> {
  const { hub } = session.services;
  const choice = TopicChoice.parse(fields).heldTo(session.rights);
  const group = fields.fields('group');
  const point = parseStartPoint(fields, 'from', group === undefined ? 'latest' : 'earliest');
  const stream = group === undefined ? streamOf(session, point) : hub.marks.memberStream;
  const options = parseOptions(session, fields, stream);
  const subscription = new Subscription(options, session, session, hub.pump);
  if (group !== undefined) return joinGroup(session, group, subscription, choice, point);
  const held: HeldSubscription = { subscription, moving: null, end: () => hub.end(subscription) };
  session.held.set(options.sub, held);
  return afterCurrentMove(held, () => startAlone(session, subscription, choice, point));
}

/**
 * Runs subscribes and seeks of one subscription one after the other, so that the last command
 * decides where it stands and not the last answer.
 */
function afterCurrentMove(held: HeldSubscription, move: () => Promise<Answer>): Promise<Answer> {
  const moved = held.moving === null ? move() : held.moving.then(move, move);
  held.moving = moved;
  const ended = moved.finally(() => {
    if (held.moving === moved) held.moving = null;
  });
  inBackground(ended, () => {
    // The session waits for the same promise and answers its failure.
  });
  return moved;
}

async function startAlone(
  session: Session,
  subscription: Subscription,
  choice: TopicChoice,
  point: StartPoint,
): Promise<Answer> {
  const { hub } = session.services;
  const { sub } = subscription;
  try {
    const { starts, gaps } = await hub.prepare(choice, point, subscription.readsCommitted);
    if (subscription.closed) throw endedMeanwhile(sub);
    const rows = markedRows(session, subscription, starts, point);
    hub.follow(subscription, choice, (positions) => {
      session.sendEvent({ type: 'added', sub, positions });
    });
    hub.begin(subscription, starts);
    return startAnswer(subscription, rows, point, gaps);
  } catch (thrown) {
    if (!subscription.closed) session.drop(sub);
    throw thrown;
  }
}

/** A token continues the stream that it was made for. */
function streamOf(session: Session, point: StartPoint): string {
  const isResumed = point.kind === 'positions' && point.stream !== '';
  return isResumed ? point.stream : session.services.hub.marks.newStream();
}

/**
 * The positions of the answer. Those of a resumed stream say which records it may have had already.
 */
function markedRows(
  session: Session,
  { readsCommitted }: Subscription,
  starts: readonly Start[],
  point: StartPoint,
): PositionRow[] {
  if (point.kind !== 'positions' || point.stream === '') {
    return positionRows(starts, readsCommitted);
  }
  const { marks } = session.services.hub;
  return starts.map(({ mirror, offset, epoch, gap }) => {
    const row = positionRow(mirror, offset, epoch, readsCommitted);
    const isKnown = point.positions.has(partitionKey(row.topic, row.partition));
    if (!isKnown || isOtherLog(gap)) return row;
    const redelivered = marks.deliveredTo(point.stream, mirror) ?? row.end;
    return redelivered > offset ? { ...row, redelivered } : row;
  });
}

/** Whether the records that come are new, though their offsets are old. */
function isOtherLog(gap: Gap | null): boolean {
  return gap?.reason === 'recreated' || gap?.reason === 'truncation';
}

function startAnswer(
  { sub, stream }: Subscription,
  positions: readonly PositionRow[],
  point: StartPoint,
  gaps: readonly object[],
): Answer {
  const token = encodeToken(positions, stream);
  const isResumed = point.kind === 'positions';
  const news = isResumed || gaps.length > 0 ? { recovered: gaps.length === 0, gaps } : {};
  return { sub, positions, token, ...news };
}

function endedMeanwhile(sub: number): CommandError {
  return new CommandError('unknown_subscription', `subscription ${sub} was ended meanwhile`, 'sub');
}

function parseOptions(session: Session, fields: Fields, stream: string): SubscriptionOptions {
  const { hub, front } = session.services;
  const sub = fields.integer('sub', 1, SUB_MAX) ?? lowestFree(session);
  if (session.held.has(sub)) {
    throw new CommandError('subscription_exists', `there is a subscription ${sub}`, 'sub');
  }
  const { subscriptionsMax } = front.settings.webSocket;
  if (session.held.size >= subscriptionsMax) {
    const message = `a socket holds at most ${subscriptionsMax} subscriptions`;
    throw new CommandError('too_many_subscriptions', message);
  }
  const policy = parsePolicy(fields);
  const filter = parseFilter(fields.fields('filter'));
  const credit = fields.fields('credit');
  const shown: RecordFields = {
    keys: fields.oneOf('keys', TEXT_FORMS, 'text'),
    values: fields.oneOf('values', TEXT_FORMS, 'text'),
    headers: fields.flag('headers', true),
    times: fields.flag('times', true),
    partition: false,
  };
  const readsCommitted = parseReadsCommitted(fields);
  const formatOf = (selection: RecordSelection) =>
    session.isBatch
      ? hub.formats.batch(selection, readsCommitted)
      : hub.formats.json(shown, selection, readsCommitted);
  return {
    sub,
    stream,
    format: formatOf(new RecordSelection(filter, NO_THINNING)),
    behindFormat: formatOf(new RecordSelection(filter, thinningOf(policy))),
    policy,
    recordCredit: credit?.integer('records', 0) ?? Number.POSITIVE_INFINITY,
    byteCredit: credit?.integer('bytes', 0) ?? Number.POSITIVE_INFINITY,
  };
}

function lowestFree(session: Session): number {
  let sub = 1;
  while (session.held.has(sub)) sub++;
  return sub;
}

export function unsubscribe(session: Session, fields: Fields): Answer {
  const { subscription } = session.find(fields);
  const answer = standing(subscription);
  session.drop(subscription.sub);
  return answer;
}

export function position(session: Session, fields: Fields): Answer {
  return standing(session.find(fields).subscription);
}

function standing(subscription: Subscription): Answer {
  const positions = [...subscription.cursors.values()].map((cursor) =>
    positionRow(cursor.feed.mirror, cursor.position, cursor.epoch, subscription.readsCommitted),
  );
  return { sub: subscription.sub, positions, token: encodeToken(positions, subscription.stream) };
}

export function credit(session: Session, fields: Fields): Answer {
  const { subscription } = session.find(fields);
  const records = fields.integer('records', 0) ?? 0;
  const bytes = fields.integer('bytes', 0) ?? 0;
  subscription.grant(records, bytes);
  return { sub: subscription.sub };
}

export function seek(session: Session, fields: Fields): Promise<Answer> {
  const held = session.find(fields);
  if (!fields.has('to')) throw new CommandError('bad_value', 'to must be given', 'to');
  const point = parseStartPoint(fields, 'to', 'latest');
  if (held.ack !== undefined) {
    throw new CommandError('group_failed', 'a group decides where its members stand', 'sub');
  }
  return afterCurrentMove(held, () => move(session, held.subscription, point));
}

async function move(
  session: Session,
  subscription: Subscription,
  point: StartPoint,
): Promise<Answer> {
  if (subscription.closed) throw endedMeanwhile(subscription.sub);
  const { hub } = session.services;
  const mirrors = [...subscription.cursors.values()].map((cursor) => cursor.feed.mirror);
  const starts = await hub.starts.resolve(mirrors, point, subscription.readsCommitted);
  if (subscription.closed) throw endedMeanwhile(subscription.sub);
  hub.marks.note(subscription);
  subscription.detachAll();
  const gaps = starts.flatMap(({ gap }) => (gap === null ? [] : [gap]));
  hub.begin(subscription, starts);
  return startAnswer(subscription, positionRows(starts, subscription.readsCommitted), point, gaps);
}

export function ack(session: Session, fields: Fields): Promise<Answer> {
  const held = session.find(fields);
  if (held.ack !== undefined) return held.ack(fields);
  const message = `subscription ${held.subscription.sub} is no member of a group`;
  throw new CommandError('group_failed', message, 'sub');
}
