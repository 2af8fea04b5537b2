import { isKafkaError } from '../../client/errors/kafka-error.ts';
import { BackOff } from '../../client/net/back-off.ts';
import { pause } from '../../client/net/pause.ts';
import type { Instance } from './instance.ts';
import type { StreamsSettings } from './streams-options.ts';

/** What the application does about its instances. */
export interface RunHost {
  readonly settings: StreamsSettings;
  readonly isClosing: boolean;
  /** Makes the next instance, which is the application's from now on. */
  begin(): Instance;
  /** It has joined, or is about to. */
  onOpened(): void;
  /** Another one follows. */
  onReplaced(): void;
}

/** How long an application, or one of its instances, may take to close by default. */
export const CLOSE_TIMEOUT_MS = 30_000;

/** Runs an instance until it is closed. One that fails may be followed by another. */
export async function runInstances(host: RunHost): Promise<void> {
  const { retryBackoffMs, retryBackoffMaxMs } = host.settings;
  const backOff = new BackOff(retryBackoffMs, retryBackoffMaxMs);
  for (;;) {
    const instance = host.begin();
    try {
      await instance.open();
      host.onOpened();
      await instance.loop.run();
      return;
    } catch (thrown) {
      if (host.isClosing) throw thrown;
      const answer = await answerTo(thrown, host.settings);
      if (answer === 'shutdown-application') instance.group.shutdownApplication();
      if (answer !== 'replace-thread') throw thrown;
      host.onReplaced();
      await instance.close(CLOSE_TIMEOUT_MS);
      await pause(backOff.next());
      if (host.isClosing) throw thrown;
    }
  }
}

/** Where another instance has asked all to end, nobody is asked. */
async function answerTo(thrown: unknown, { uncaughtExceptionHandler }: StreamsSettings) {
  if (isShutdown(thrown)) return 'shutdown-client';
  return (await uncaughtExceptionHandler?.(thrown)) ?? 'shutdown-client';
}

/** Whether another instance has asked all to end. */
export function isShutdown(thrown: unknown): boolean {
  return isKafkaError(thrown, 'CLOSED');
}
