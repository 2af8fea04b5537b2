import { describe, expect, it } from 'vitest';
import { errorOfValue } from '../../../src/metadata/config/config-value.ts';
import {
  BROKER_CONFIGS,
  GROUP_CONFIGS,
  TOPIC_CONFIGS,
} from '../../../src/metadata/config/definitions.ts';
import {
  synonymsOfGroupConfig,
  synonymsOfTopicConfig,
} from '../../../src/metadata/config/synonyms.ts';

const all = [...BROKER_CONFIGS.values(), ...TOPIC_CONFIGS.values(), ...GROUP_CONFIGS.values()];

describe('the tables of configurations', () => {
  it("hold all names of Kafka 4.3's broker, topics and groups", () => {
    // 360 of Kafka's broker and three dynamic rates of its quotas, two of its
    // authorizer; 34 of topics; 17 of groups.
    const own = (name: string) => name.startsWith('millrace.') || name === 'log.dir.min.free.bytes';
    const kafkas = (names: Iterable<string>) => [...names].filter((name) => !own(name)).length;
    expect(kafkas(BROKER_CONFIGS.keys())).toBe(365);
    expect(kafkas(TOPIC_CONFIGS.keys())).toBe(34);
    expect(kafkas(GROUP_CONFIGS.keys())).toBe(17);
  });

  it('have a default that passes their own check', () => {
    for (const definition of all) {
      if (definition.defaultValue === null) continue;
      expect(errorOfValue(definition, definition.defaultValue), definition.name).toBeNull();
    }
  });

  it('have a sentence of documentation each', () => {
    for (const { name, documentation } of all) expect(documentation, name).toMatch(/^\S.+\.$/);
  });

  it('name only configurations of the broker as synonyms', () => {
    const synonyms = [
      ...[...TOPIC_CONFIGS.keys()].flatMap(synonymsOfTopicConfig),
      ...[...GROUP_CONFIGS.keys()].flatMap(synonymsOfGroupConfig),
    ];
    expect(synonyms.length).toBeGreaterThan(40);
    for (const { name } of synonyms) expect(BROKER_CONFIGS.has(name), name).toBe(true);
  });
});
