/** What Kafka's RelationalSmokeTest builds, with its rows byte for byte. */

import { custom } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { int16, int32 } from '#millrace/streams/serde/numbers';

const PREFIX_CHARS = 10;
const NUMBERS_BYTES = 16;

/** key (int32)   timestamp (int64)   length of the text (int32)   text   what follows */
function writeRow({ key, timestamp, text }, tail) {
  const chars = Buffer.from(text);
  const head = Buffer.alloc(NUMBERS_BYTES);
  head.writeInt32BE(key, 0);
  head.writeBigInt64BE(BigInt(timestamp), 4);
  head.writeInt32BE(chars.length, 12);
  return Buffer.concat([head, chars, ...tail]);
}

function readRow(bytes) {
  const row = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = NUMBERS_BYTES + row.readInt32BE(12);
  const text = row.toString('utf8', NUMBERS_BYTES, end);
  const tail = row.subarray(end);
  return { key: row.readInt32BE(0), timestamp: Number(row.readBigInt64BE(4)), text, tail };
}

function int32Bytes(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes;
}

function int64Bytes(number) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(number));
  return bytes;
}

/** Null is a row that is gone. */
function rows(tailOf, readTail) {
  return custom({
    serialize: (row) => (row === null ? null : writeRow(row, tailOf(row))),
    deserialize: (bytes) => {
      const { tail, ...row } = readRow(bytes);
      return { ...row, ...readTail(tail) };
    },
  });
}

const article = rows(
  () => [],
  () => ({}),
);
const comment = rows(
  ({ articleId }) => [int32Bytes(articleId)],
  (tail) => ({ articleId: tail.readInt32BE(0) }),
);
const augmentedArticle = rows(
  ({ commentCount }) => [int64Bytes(commentCount)],
  (tail) => ({ commentCount: Number(tail.readBigInt64BE(0)) }),
);
const augmentedComment = rows(
  ({ articleId, prefix }) => {
    return [int32Bytes(articleId), int32Bytes(prefix.length), Buffer.from(prefix)];
  },
  (tail) => ({ articleId: tail.readInt32BE(0), prefix: tail.toString('utf8', 8) }),
);

const keyed = (name, value) => topic(name, { key: int32, value });

export function relationalTopology() {
  const builder = new StreamsBuilder();
  const articles = builder.table(keyed('in-article', article));
  const comments = builder.table(keyed('in-comment', comment));
  const counts = comments
    .groupBy(({ articleId }) => [articleId, 1], { key: int32, value: int16 })
    .count();
  articles
    .leftJoin(counts, (row, count) => ({ ...row, commentCount: count ?? 0 }), {
      value: augmentedArticle,
    })
    .toStream()
    .to(keyed('out-augmented-article', augmentedArticle));
  comments
    .join(
      articles,
      ({ articleId }) => articleId,
      (row, { text }) => ({ ...row, prefix: text.slice(0, PREFIX_CHARS) }),
      { value: augmentedComment },
    )
    .toStream()
    .to(keyed('out-augmented-comment', augmentedComment));
  return builder.build();
}
