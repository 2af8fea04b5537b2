/**
 * Confluent's consumer on that of the façade: where to begin and how to commit is set once. What it
 * tells of itself is taken from the events and the admin calls that KafkaJS has for that.
 */

const NO_OFFSET = '-1';

class ConfluentConsumer {
  #kafka;
  #consumer;
  #fromBeginning;
  #perRun;
  #assigned = [];
  #seeks = [];
  #isRunning = false;
  groupId;

  constructor(kafka, { fromBeginning, autoCommit, autoCommitInterval, ...config }) {
    this.#kafka = kafka;
    this.#fromBeginning = fromBeginning ?? false;
    this.#perRun = {
      ...(autoCommit === undefined ? {} : { autoCommit }),
      ...(autoCommitInterval === undefined ? {} : { autoCommitInterval }),
    };
    this.groupId = config.groupId;
    this.#consumer = kafka.consumer(config);
    const { GROUP_JOIN, REBALANCING, STOP } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, ({ payload }) => {
      this.#assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) => {
        return partitions.map((partition) => ({ topic, partition }));
      });
    });
    for (const event of [REBALANCING, STOP]) {
      this.#consumer.on(event, () => {
        this.#assigned = [];
      });
    }
  }

  connect() {
    return this.#consumer.connect();
  }

  disconnect() {
    return this.#consumer.disconnect();
  }

  async subscribe({ replace: _replace, ...topics }) {
    await this.#consumer.subscribe({ ...topics, fromBeginning: this.#fromBeginning });
  }

  /** KafkaJS takes a seek only once it runs. */
  run(config) {
    const running = this.#consumer.run({ ...this.#perRun, ...config });
    this.#isRunning = true;
    for (const seek of this.#seeks.splice(0)) this.#consumer.seek(seek);
    return running;
  }

  seek(to) {
    if (this.#isRunning) this.#consumer.seek(to);
    else this.#seeks.push(to);
  }

  pause(selection) {
    this.#consumer.pause(selection);
    return () => this.#consumer.resume(selection);
  }

  resume(selection) {
    this.#consumer.resume(selection);
  }

  paused() {
    return this.#consumer.paused();
  }

  assignment() {
    return this.#assigned;
  }

  commitOffsets(offsets) {
    return this.#consumer.commitOffsets(offsets);
  }

  /** Null where nothing is committed. */
  async committed(wanted) {
    const partitions = wanted ?? this.#assigned;
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      const topics = [...new Set(partitions.map(({ topic }) => topic))];
      const found = await admin.fetchOffsets({ groupId: this.groupId, topics });
      return partitions.map(({ topic, partition }) => {
        const ofTopic = found.find((each) => each.topic === topic);
        const of = ofTopic.partitions.find((each) => each.partition === partition);
        const { offset, metadata } = of;
        return { topic, partition, offset: offset === NO_OFFSET ? null : offset, metadata };
      });
    } finally {
      await admin.disconnect();
    }
  }
}

module.exports = { ConfluentConsumer };
