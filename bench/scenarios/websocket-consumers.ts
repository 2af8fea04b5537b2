/** From one browser to a thousand that each get everything, as frames of batches and as JSON. */
import type { LineScenario } from '../harness/line-scenario.ts';

const COUNTS = [1, 10, 100, 1_000];

export const WEBSOCKET_CONSUMERS: LineScenario = {
  name: 'websocket-consumers',
  title: '1 to 1,000 WebSocket consumers, frames of batches and JSON',
  lines: ['batch', 'json'].flatMap((format) =>
    COUNTS.map((count) => `websocket --format ${format} --consumers ${count}`),
  ),
};
