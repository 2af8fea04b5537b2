/**
 * A server of Node that keeps what connects and answers each request with bytes that were made
 * before: what an attack costs a healthy client by the machine alone. Runs as a process of its own.
 */
import { createServer } from 'node:net';
import { createServer as createSecuredServer } from 'node:tls';
import { API, encodeResponse } from '../../dist/protocol/index.js';
import { buildBatch } from '../../dist/records/batch-builder.js';
import { TOPIC } from './steady-client.mjs';

const BACKLOG = 1000;
const MECHANISM = 'SCRAM-SHA-256';
const AUTHENTICATION_FAILED = 58;
const NO_BYTES = Buffer.alloc(0);

const records = buildBatch([{ key: null, value: Buffer.from('healthy'), timestamp: 1 }]);
const CHALLENGE = Buffer.from(`r=abcdefghijkl,s=${'A'.repeat(32)},i=4096`);
const FETCHED = { partitionIndex: 0, errorCode: 0, highWatermark: 1, abortedTransactions: [] };

/** Versions and answers, by the API. */
const ANSWERS = new Map([
  [API.CREATE_TOPICS, answer(API.CREATE_TOPICS, 5, { topics: [created()] })],
  [API.PRODUCE, answer(API.PRODUCE, 9, { responses: [produced()], throttleTimeMs: 0 })],
  [API.FETCH, answer(API.FETCH, 4, { throttleTimeMs: 0, responses: [fetched()] })],
  [API.SASL_HANDSHAKE, answer(API.SASL_HANDSHAKE, 1, { errorCode: 0, mechanisms: [MECHANISM] })],
  [API.SASL_AUTHENTICATE, answer(API.SASL_AUTHENTICATE, 1, authenticated(0, CHALLENGE))],
]);
const REFUSAL = answer(API.SASL_AUTHENTICATE, 1, authenticated(AUTHENTICATION_FAILED, NO_BYTES));

function created() {
  const more = { topicConfigErrorCode: 0, numPartitions: 1, replicationFactor: 1, configs: [] };
  return { name: TOPIC, errorCode: 0, errorMessage: null, ...more };
}

function produced() {
  const outcome = { index: 0, errorCode: 0, baseOffset: 0, recordErrors: [] };
  return { name: TOPIC, partitionResponses: [outcome] };
}

function fetched() {
  return { topic: TOPIC, partitions: [{ ...FETCHED, records }] };
}

function authenticated(errorCode, authBytes) {
  return { errorCode, errorMessage: null, authBytes, sessionLifetimeMs: 0 };
}

/** A frame whose correlation id is filled in later. */
function answer(apiKey, version, body) {
  const bytes = encodeResponse(apiKey, version, 0, body);
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function serve(socket) {
  let received = NO_BYTES;
  let tokens = 0;
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
    while (received.length >= 12) {
      const end = 4 + received.readInt32BE(0);
      if (received.length < end) return;
      const apiKey = received.readInt16BE(4);
      const isProof = apiKey === API.SASL_AUTHENTICATE && ++tokens > 1;
      const frame = Buffer.from(isProof ? REFUSAL : ANSWERS.get(apiKey));
      received.copy(frame, 4, 8, 12);
      received = received.subarray(end);
      if (isProof) socket.end(frame);
      else socket.write(frame);
    }
  });
}

function listen(server) {
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () =>
      resolve(server.address().port),
    );
  });
}

process.once('message', async ({ certificate, key }) => {
  const options = { noDelay: true };
  const isPlain = certificate === undefined;
  const plain = createServer(options, serve);
  const other = isPlain
    ? createServer(options, serve)
    : createSecuredServer({ ...options, cert: certificate, key }, serve);
  other.on('tlsClientError', (_error, socket) => socket.destroy());
  process.send({ port: await listen(plain), securedPort: await listen(other) });
});
process.once('disconnect', () => process.exit());
