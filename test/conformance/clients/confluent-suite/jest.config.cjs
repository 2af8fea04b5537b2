/** Confluent's own measures coverage and compiles TypeScript, of which these specs have none. */

module.exports = { testEnvironment: 'node', testTimeout: 30_000 };
