/** The error classes of the façade, and the two questions that KafkaJS's own files ask of them. */

const { Kafka: _kafka, ...names } = require(process.env.MILLRACE_KAFKAJS_PACKAGE);

const errors = Object.entries(names).filter(([name]) => name.startsWith('KafkaJS'));
const REBALANCING = ['REBALANCE_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP', 'ILLEGAL_GENERATION'];

module.exports = {
  ...Object.fromEntries(errors),
  isRebalancing: ({ type }) => REBALANCING.includes(type),
  isKafkaJSError: (error) => error instanceof names.KafkaJSError,
};
