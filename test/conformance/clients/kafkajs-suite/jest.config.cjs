/** KafkaJS's own jest.config.js, without its second reporter. Its snapshots are of an older Jest. */

module.exports = {
  ...require('./jest.config.js'),
  reporters: ['default'],
  snapshotFormat: { escapeString: true, printBasicPrototype: true },
};
