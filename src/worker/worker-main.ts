/**
 * The entry of a worker thread: builds its end of the rings and stays in the duty cycle. An
 * uncaught error ends the thread and with it the process, because a broker must not go on without
 * the owner of some of its partitions.
 */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { armFailPoint } from '../base/fail-point.ts';
import type { Logger } from '../base/logger.ts';
import { FrontProxy } from '../exchange/front-proxy.ts';
import { Inbox } from '../exchange/inbox.ts';
import { Outbox } from '../exchange/outbox.ts';
import { WorkerAdapter } from '../exchange/worker-adapter.ts';
import { native } from '../log/native.ts';
import { installStorage, systemStorage } from '../log/storage.ts';
import { Parking } from '../ring/parking.ts';
import { assembleWorker } from './assemble-worker.ts';
import { runDutyCycle } from './duty-cycle.ts';
import type { WorkerSetup } from './worker-setup.ts';

/**
 * Node's streams need the event loop, which this thread never enters, so it writes to the
 * descriptor.
 */
function threadLogger(index: number): Logger {
  const write = (level: string, message: string): void => {
    writeSync(2, `${new Date().toISOString()} ${level} worker ${index}: ${message}\n`);
  };
  return {
    info: (message) => write('INFO', message),
    warn: (message) => write('WARN', message),
    error: (message) => write('ERROR', message),
  };
}

function run(setup: WorkerSetup): void {
  const inbox = new Inbox(setup.commandRing, setup.port);
  const frontParking = new Parking(setup.frontParking);
  const front = new FrontProxy(new Outbox(setup.replyRing, setup.port), () => {
    if (frontParking.claimWake()) native.ringBell(setup.frontBell);
  });
  // Removing files needs an event loop, which this thread never enters, so the front does it.
  const removeLater = (path: string): void => front.event({ kind: 'remove-path', slot: -1, path });
  installStorage({ ...systemStorage, removeLater });
  const worker = assembleWorker(setup, front, threadLogger(setup.index));
  if (!setup.wasClean) worker.recoverAll();
  runDutyCycle(
    new WorkerAdapter(inbox, worker),
    () => inbox.isEmpty(),
    new Parking(setup.parking),
    worker,
  );
  front.flush();
  setup.port.close();
}

armFailPoint(process.env.MILLRACE_FAIL_POINT);
run(workerData as WorkerSetup);
