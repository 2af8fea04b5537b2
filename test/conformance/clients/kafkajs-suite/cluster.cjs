/** KafkaJS's cluster for specs that look at the server with it, while the façade has its own. */

const Cluster = require('./kafkajs');

module.exports = class extends Cluster {
  constructor(options) {
    super(options);
    this.options = options;
  }

  /** Of its own accord it knows no topic, since the façade never tells it of one. */
  async fetchTopicsOffset(topics) {
    await this.addMultipleTargetTopics(topics.map(({ topic }) => topic));
    return super.fetchTopicsOffset(topics);
  }
};
