/** What this client uses of a channel of `node:diagnostics_channel`. */
export interface Channel<Message> {
  readonly hasSubscribers: boolean;
  publish(message: Message): void;
}

/** Of `node:diagnostics_channel`. */
interface ChannelModule {
  channel(name: string): Channel<unknown>;
}

const SILENT: Channel<never> = { hasSubscribers: false, publish: () => undefined };

const channels = channelModule();

/** The channel of this name; a silent one where there is no `node:diagnostics_channel`. */
export function channel<Message>(name: string): Channel<Message> {
  return channels === null ? SILENT : channels.channel(name);
}

/** Asked for at run time, so that bundles for browsers find nothing of Node to resolve. */
function channelModule(): ChannelModule | null {
  const found = globalThis.process?.getBuiltinModule?.('node:diagnostics_channel');
  return found === undefined ? null : (found as unknown as ChannelModule);
}
