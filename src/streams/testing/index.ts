/** `millrace/streams/testing`: runs applications in tests, without a broker. */
export type { DroppedRecord, TestDriverOptions } from './driver-options.ts';
export { TestDriver, type TestedTopology } from './test-driver.ts';
export { TestInput, type TestInputOptions, type TestInputRecord } from './test-input.ts';
export { TestOutput } from './test-output.ts';
export type { RawRecord, TestRecord } from './test-record.ts';
