/** What this client uses of a channel of `node:diagnostics_channel`. */
export interface Channel<Message> {
  readonly hasSubscribers: boolean;
  publish(message: Message): void;
}
