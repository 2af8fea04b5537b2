/**
 * The way of one client to the broker, over its deaths: a request whose connection breaks goes out
 * again, as it was, on a connection to the next broker. Real clients do the same.
 */
import { KafkaConnection } from './kafka-connection.mjs';

/** The client was killed: what it waited for never comes. */
export class ClientKilled extends Error {}

export class PatientLink {
  #brokers;
  #connection = null;
  isKilled = false;
  /** Requests that went out more than once. */
  repeats = 0;

  /** `brokers` gives the port of the broker that is up, or waits for it: `port()`. */
  constructor(brokers) {
    this.#brokers = brokers;
  }

  async send(apiKey, version, body) {
    for (;;) {
      const connection = await this.#open();
      if (connection === null) continue;
      try {
        const answer = await connection.send(apiKey, version, body);
        if (this.isKilled) throw new ClientKilled();
        return answer;
      } catch (error) {
        if (!connection.failed || this.isKilled) throw this.isKilled ? new ClientKilled() : error;
        this.repeats++;
      }
    }
  }

  async #open() {
    if (this.#connection !== null && !this.#connection.failed) return this.#connection;
    const port = await this.#brokers.port();
    if (this.isKilled) throw new ClientKilled();
    try {
      this.#connection = await KafkaConnection.open(port);
    } catch (error) {
      if (!['ECONNREFUSED', 'ECONNRESET'].includes(error.code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return null;
    }
    if (!this.isKilled) return this.#connection;
    this.#connection.close();
    throw new ClientKilled();
  }

  /** As kill -9 of the client: its sockets close, whatever was on its way. */
  kill() {
    this.isKilled = true;
    this.#connection?.close();
  }
}
