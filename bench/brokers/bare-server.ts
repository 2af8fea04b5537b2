/**
 * The ceiling of what a Node process can hand out over WebSocket: uWebSockets.js alone, frames of
 * many messages made in advance, nothing stored, the publisher in the process.
 *
 *   /ws       a consumer: it gets every frame, and reads up to which message it goes
 *     frame: | messages up to here, float64 | messages |
 *   /publish  told `{"batches", "perBatch", "valueBytes"}`: publishes up to that number of frames
 */
import uws from 'uWebSockets.js';
import { UNTIL_BYTES } from '../load/bare.ts';
import { randomCapitals } from '../load/batches.ts';

const TOPIC = 'all';
const BACKPRESSURE_MAX = 256 * 1024 * 1024;

interface Order {
  readonly batches: number;
  readonly perBatch: number;
  readonly valueBytes: number;
}

const app = uws.App();
let frame: Buffer = Buffer.alloc(0);
let published = 0;

function publishUpTo({ batches, perBatch, valueBytes }: Order): void {
  if (frame.length !== UNTIL_BYTES + perBatch * valueBytes) {
    frame = Buffer.concat([Buffer.alloc(UNTIL_BYTES), randomCapitals(perBatch * valueBytes, 1)]);
  }
  for (; published < batches; published++) {
    frame.writeDoubleBE((published + 1) * perBatch, 0);
    app.publish(TOPIC, frame, true);
  }
}

const common = { compression: 0, idleTimeout: 0, maxBackpressure: BACKPRESSURE_MAX } as const;
app.ws('/ws', { ...common, open: (ws) => void ws.subscribe(TOPIC) });
app.ws('/publish', {
  ...common,
  open: () => {
    published = 0;
  },
  message: (_ws, message) => publishUpTo(JSON.parse(Buffer.from(message).toString()) as Order),
});
app.listen(Number(process.argv[2]), () => {});
