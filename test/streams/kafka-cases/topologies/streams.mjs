/** The topologies of Kafka's tests of operators without state, by class and case. */

import { counted, numbered, numbers } from './parts.mjs';

const isMultipleOfThree = (_value, key) => key % 3 === 0;
const nothing = () => {
  // The records that come here are not looked at.
};
const isEven = (_value, key) => key % 2 === 0;
const isMultipleOf = (divisor) => (_value, key) => key % divisor === 0;
const NAMES = new Map([
  [1, 'ONE'],
  [2, 'TWO'],
  [3, 'THREE'],
]);

export const STREAMS = {
  KStreamFilterTest: {
    testFilter: (b, see) => b.stream(numbered('topic')).filter(isMultipleOfThree).process(see),
    testFilterNot: (b, see) =>
      b.stream(numbered('topic')).filterNot(isMultipleOfThree).process(see),
  },
  KStreamFlatMapTest: {
    testFlatMap: (b, see) => {
      const map = (value, key) =>
        Array.from({ length: key }, (_, i) => [String(key * 10 + i), value]);
      b.stream(numbered('topic')).flatMap(map).process(see);
    },
  },
  KStreamFlatMapValuesTest: {
    testFlatMapValues: (b, see) => {
      const map = (value) => [`v${value}`, `V${value}`];
      b.stream(numbers('topic')).flatMapValues(map).process(see);
    },
    testFlatMapValuesWithKeys: (b, see) => {
      const map = (value, key) => [`v${value}`, `k${key}`];
      b.stream(numbers('topic')).flatMapValues(map).process(see);
    },
  },
  KStreamForeachTest: {
    testForeach: (b) => b.stream(numbered('topic')).forEach(nothing),
  },
  KStreamMapTest: {
    testMap: (b, see) => {
      const map = (value, key) => [value, key];
      b.stream(numbered('topic')).map(map).process(see);
    },
  },
  KStreamMapValuesTest: {
    testFlatMapValues: (b, see) => {
      const map = (value) => value.length;
      b.stream(numbered('topic')).mapValues(map).process(see);
    },
    testMapValuesWithKeys: (b, see) => {
      const map = (value, key) => value.length + key;
      b.stream(numbered('topic')).mapValues(map).process(see);
    },
  },
  KStreamPeekTest: {
    shouldObserveStreamElements: (b) => {
      b.stream(numbered('topic'))
        .peek(() => undefined)
        .forEach(nothing);
    },
  },
  KStreamSelectKeyTest: {
    testSelectKey: (b, see) => {
      const select = (value) => NAMES.get(value);
      b.stream(counted('topic_key_select')).selectKey(select).process(see);
    },
  },
  KStreamSplitTest: {
    testKStreamSplit: (b) => {
      const into = (name) => ({ into: (branch) => branch.to(numbered(name)) });
      b.stream(numbered('topic'))
        .split()
        .branch(isEven, into('x2'))
        .branch(isMultipleOfThree, into('x3'))
        .branch(isMultipleOf(5), into('x5'))
        .noDefaultBranch();
    },
    testBranchingWithNoTerminalOperation: (b) => {
      const into = (branch) => branch.to(numbered('output'));
      b.stream(numbered('topic'))
        .split()
        .branch(isEven, { into })
        .branch(isMultipleOf(5), { into });
    },
  },
};
