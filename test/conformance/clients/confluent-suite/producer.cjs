/** Confluent's producer on that of the façade: acks and codec are set once, not for each call. */

class ConfluentProducer {
  #producer;
  #perCall;
  #pending = new Set();

  constructor(kafka, { acks, compression, ...config }) {
    this.#perCall = {
      ...(acks === undefined ? {} : { acks }),
      ...(compression === undefined ? {} : { compression }),
    };
    this.#producer = kafka.producer(config);
  }

  connect() {
    return this.#producer.connect();
  }

  disconnect() {
    return this.#producer.disconnect();
  }

  send(record) {
    return this.#kept(this.#producer.send({ ...this.#perCall, ...record }));
  }

  sendBatch(batch) {
    return this.#kept(this.#producer.sendBatch({ ...this.#perCall, ...batch }));
  }

  /** KafkaJS sends at once, so there is nothing to do but to wait. */
  async flush() {
    await Promise.allSettled(this.#pending);
  }

  /** Offsets belong to the group of a consumer, which KafkaJS is told by its name. */
  async transaction() {
    const transaction = await this.#producer.transaction();
    const { sendOffsets } = transaction;
    return Object.assign(Object.create(transaction), {
      sendOffsets: ({ consumer, topics }) => {
        return sendOffsets({ consumerGroupId: consumer.groupId, topics });
      },
    });
  }

  #kept(sent) {
    this.#pending.add(sent);
    const forget = () => this.#pending.delete(sent);
    sent.then(forget, forget);
    return sent;
  }
}

module.exports = { ConfluentProducer };
