import type { Channel } from './channel.ts';

const SILENT: Channel<never> = { hasSubscribers: false, publish: () => undefined };

/** A browser has no channels to subscribe to. */
export function channel<Message>(_name: string): Channel<Message> {
  return SILENT;
}
