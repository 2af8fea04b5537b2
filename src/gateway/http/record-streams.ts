import { OUTCOME } from '../../log/outcome.ts';
import { parseReadsCommitted } from '../stream/isolation.ts';
import { LineFormat } from '../stream/line-format.ts';
import { frameOf, readOutcome } from '../stream/partition-feed.ts';
import { WAIT } from '../stream/policy.ts';
import type { Gap } from '../stream/position.ts';
import type { StartPoint } from '../stream/start-point.ts';
import type { Start } from '../stream/start-resolver.ts';
import type { StreamHub } from '../stream/stream-hub.ts';
import { Subscription } from '../stream/subscription.ts';
import type { TopicChoice } from '../stream/topic-choice.ts';
import { type Exchange, queryInteger } from './exchange.ts';
import type { HttpClient } from './http-client.ts';
import { HttpSink } from './http-sink.ts';
import { choiceOf, recordFieldsOf, startOf, startOfEventId } from './stream-query.ts';
import type { StreamSlots } from './stream-slots.ts';

const ENDLESS = Number.POSITIVE_INFINITY;

/** `GET /topics/:name/records`: NDJSON up to the end at the start, or without end. */
export async function streamRecords(
  hub: StreamHub,
  slots: StreamSlots,
  exchange: Exchange,
  topic: string,
  client: HttpClient,
): Promise<void> {
  const { query } = exchange;
  const choice = choiceOf(topic, query, client.rights);
  const limit = queryInteger(query, 'limit', 1) ?? ENDLESS;
  const fields = recordFieldsOf(query);
  const point = startOf(query, 'earliest');
  const readsCommitted = parseReadsCommitted(query);
  const { starts } = await hub.prepare(choice, point, readsCommitted);
  if (exchange.aborted) return;
  slots.take(exchange);
  const sink = new HttpSink(exchange, 'application/x-ndjson', client.throttle);
  if (query.text('follow') === 'true') {
    const format = new LineFormat(hub.formats.output, fields, readsCommitted, null);
    follow(hub, exchange, sink, choice, starts, format, limit, () => {});
    return;
  }
  const format = new LineFormat(hub.formats.output, fields, readsCommitted, null);
  await sendAll(hub, exchange, sink, starts, format, limit);
}

/** Sends partition after partition, each up to its end at the start. */
async function sendAll(
  hub: StreamHub,
  exchange: Exchange,
  sink: HttpSink,
  starts: readonly Start[],
  format: LineFormat,
  limit: number,
): Promise<void> {
  const { readsCommitted } = format;
  let left = limit;
  const ends = starts.map(({ mirror }) => mirror.endFor(readsCommitted));
  for (const [i, { mirror, offset }] of starts.entries()) {
    const end = ends[i]!;
    let position = offset;
    while (position < end && left > 0 && !exchange.aborted) {
      if (!sink.hasRoom) await room(sink, exchange);
      else await hub.turns.next();
      if (exchange.aborted) return;
      const outcome = readOutcome(mirror, position, format.stretchBytes, readsCommitted);
      if (outcome === OUTCOME.OUT_OF_RANGE && position < mirror.logStartOffset) {
        position = mirror.logStartOffset;
        continue;
      }
      if (outcome !== OUTCOME.OK) {
        hub.front.replies.readFailure(mirror, outcome);
        exchange.response.close();
        return;
      }
      const frame = frameOf(mirror, position, format, Math.min(left, end - position), false);
      if (frame === null) break;
      if (frame.recordCount > 0) sink.sendFrame(frame);
      left -= frame.recordCount;
      if (frame.waitsFor !== null) await frame.waitsFor;
      position = Math.max(frame.next, frame.damagedTo);
    }
  }
  sink.end();
}

function room(sink: HttpSink, exchange: Exchange): Promise<void> {
  return new Promise((resolve) => {
    sink.onRoom = resolve;
    exchange.onAborted = resolve;
  });
}

/** `GET /topics/:name/events`: server-sent events. */
export async function streamEvents(
  hub: StreamHub,
  slots: StreamSlots,
  exchange: Exchange,
  topic: string,
  client: HttpClient,
): Promise<void> {
  const { query } = exchange;
  const choice = choiceOf(topic, query, client.rights);
  const lastId = exchange.lastEventId || (query.text('lastEventId') ?? '');
  const point: StartPoint =
    lastId === '' ? startOf(query, 'latest') : startOfEventId(topic, lastId);
  const fields = recordFieldsOf(query);
  const readsCommitted = parseReadsCommitted(query);
  const { starts, gaps } = await hub.prepare(choice, point, readsCommitted);
  if (exchange.aborted) return;
  slots.take(exchange);
  const sink = new HttpSink(exchange, 'text/event-stream', client.throttle);
  const sendGap = (gap: Gap): void => {
    sink.write(`event: gap\ndata: ${JSON.stringify(gap)}\n\n`);
  };
  const otherPositions = (partition: number): string => {
    let text = '';
    for (const { position, feed } of subscription.cursors.values()) {
      const { index } = feed.mirror;
      if (index !== partition) text += `,${index}:${position}`;
    }
    return text;
  };
  const format = new LineFormat(hub.formats.output, fields, readsCommitted, otherPositions);
  const positions = starts.map(({ mirror, offset }) => `${mirror.index}:${offset}`).join(',');
  sink.write(`retry: 1000\nid: ${positions}\n\n`);
  for (const gap of gaps) sendGap(gap);
  const subscription = follow(hub, exchange, sink, choice, starts, format, ENDLESS, sendGap);
}

/** Streams until the reader goes away or the limit is reached. */
function follow(
  hub: StreamHub,
  exchange: Exchange,
  sink: HttpSink,
  choice: TopicChoice,
  starts: readonly Start[],
  format: LineFormat,
  limit: number,
  onGap: (gap: Gap) => void,
): Subscription {
  const options = {
    sub: 0,
    stream: '',
    format,
    behindFormat: format,
    policy: WAIT,
    recordCredit: limit,
    byteCredit: ENDLESS,
  };
  const owner = {
    onGap: (_subscription: Subscription, gap: Gap) => onGap(gap),
    onBehind: () => {},
    onSent: () => {
      if (subscription.recordCredit > 0) return;
      hub.end(subscription);
      sink.end();
    },
  };
  const subscription = new Subscription(options, sink, owner, hub.pump);
  sink.onRoom = () => subscription.resume();
  exchange.onAborted = () => hub.end(subscription);
  hub.follow(subscription, choice, () => {});
  hub.begin(subscription, starts);
  return subscription;
}
