import { channel as nodeChannel } from 'node:diagnostics_channel';
import type { Channel } from './channel.ts';

/** The channel of this name; `no-channel` is for browsers. */
export function channel<Message>(name: string): Channel<Message> {
  return nodeChannel(name);
}
