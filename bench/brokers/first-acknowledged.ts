/** Resolves when a broker has created a topic and acknowledged one record in it (acks=1). */
import { createTopic } from '../load/admin.ts';
import { buildBatch } from '../load/batches.ts';
import { ControlClient } from '../load/control-client.ts';
import { checkError } from '../load/load-error.ts';
import { produceErrorAt, produceFrame } from '../load/produce-request.ts';
import { until } from './broker-process.ts';

const LIMIT_MS = 120_000;
const RETRY_MS = 5;
const TOPIC = 'bench-first-record';

export async function firstAcknowledged(host: string, port: number): Promise<void> {
  const control = await until(LIMIT_MS, RETRY_MS, () => ControlClient.connect(host, port));
  await createTopic(control, { name: TOPIC, partitions: 1, configs: {} });
  const spec = { codec: 'none', recordBytes: 100, recordsPerBatch: 1, seed: 1 } as const;
  const batch = buildBatch(spec, Date.now());
  const frame = produceFrame({ topic: TOPIC, partition: 0, acks: 1 }, 0, batch);
  const connection = control.release();
  const error = await new Promise<number>((resolve, reject) => {
    connection.onFrame = (bytes, at) => resolve(bytes.readInt16BE(at + produceErrorAt(TOPIC)));
    connection.onClosed = (reason) => reject(new Error(reason));
    connection.socket.write(frame.bytes);
  });
  connection.close();
  checkError(error, 'the first Produce');
}
