import { type ClientSettings, clientSettingsOf } from '../../client/config/client-options.ts';
import type { StreamsSettings } from './streams-options.ts';

/** What a client does for its application. */
export type ClientPart = 'consumer' | 'restore-consumer' | 'global-consumer' | 'producer' | 'admin';

/** Those that a process of Kafka Streams has one of, however many threads it has. */
const OF_PROCESS: readonly ClientPart[] = ['global-consumer', 'admin'];

/** As Kafka Streams names it; the first one is 1. */
export function threadName({ clientId, thread }: StreamsSettings): string {
  return `${clientId}-StreamThread-${thread?.thread ?? 1}`;
}

/** The settings of one of the clients of an application: its thread and part stand in its name. */
export function clientNamed(settings: StreamsSettings, part: ClientPart): ClientSettings {
  const isShared = settings.thread === null && OF_PROCESS.includes(part);
  const owner = isShared ? settings.clientId : threadName(settings);
  return { ...clientSettingsOf(settings), clientId: `${owner}-${part}` };
}
