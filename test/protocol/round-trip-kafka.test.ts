import { expect, test } from 'vitest';
import { KAFKA_VERSION, mavenJar } from './maven-jar.ts';
import { expectSameBytes } from './oracle.ts';

const SOURCE = new URL('../conformance/kafka-roundtrip/RoundTrip.java', import.meta.url).pathname;

test("Kafka's own classes read what we encode and write the same bytes", async (context) => {
  const clients = mavenJar('org.apache.kafka', 'kafka-clients', KAFKA_VERSION);
  const logging = mavenJar('org.slf4j', 'slf4j-api', '1.7.36');
  if (clients === null || logging === null) {
    console.log("Kafka's classes are not compared: Maven cannot fetch kafka-clients");
    context.skip('Maven cannot fetch kafka-clients');
    return;
  }
  const classPath = `${clients}:${logging}`;
  const { compared, unknown } = await expectSameBytes('java', ['-cp', classPath, SOURCE]);
  expect([...unknown]).toEqual([]);
  expect(compared).toBeGreaterThan(5000);
}, 150_000);
