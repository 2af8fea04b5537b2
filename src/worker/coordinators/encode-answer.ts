import type { StreamsAnswer } from '../../coordination/group/members/streams-heartbeat.ts';
import { TOPICS_LENGTH_BYTES, TOPICS_VERSION } from '../../exchange/answer-parts.ts';
import { API } from '../../protocol/api-keys.ts';
import { codecFor, findCodec } from '../../protocol/api-registry.ts';
import type { ByteWriter } from '../../protocol/byte-writer.ts';

const NO_TIMEOUT = 0;
/** The broker's default.replication.factor. */
const DEFAULT_REPLICAS = -1;

/**
 * Encodes what a coordinator answers. The throttle time is left 0: the front knows the client's
 * quotas and writes it into the bytes. exchange/answer-parts.ts tells of what follows the answer to
 * StreamsGroupHeartbeat.
 */
export function encodeAnswer(
  writer: ByteWriter,
  apiKey: number,
  version: number,
  body: { throttleTimeMs?: number },
): void {
  body.throttleTimeMs = 0;
  findCodec(apiKey)!.response.encoder(version)(writer, body);
  if (apiKey === API.STREAMS_GROUP_HEARTBEAT) appendTopics(writer, body as object as StreamsAnswer);
}

function appendTopics(writer: ByteWriter, { topicsToMake = [] }: StreamsAnswer): void {
  const sizeBefore = writer.size;
  if (topicsToMake.length > 0) {
    const topics = topicsToMake.map(({ name, partitions, replicationFactor, topicConfigs }) => ({
      name,
      numPartitions: partitions,
      replicationFactor: replicationFactor || DEFAULT_REPLICAS,
      assignments: [],
      configs: topicConfigs.map((config) => ({ name: config.key, value: config.value })),
    }));
    const request = { topics, timeoutMs: NO_TIMEOUT, validateOnly: false };
    codecFor(API.CREATE_TOPICS).request.encoder(TOPICS_VERSION)(writer, request);
  }
  const length = writer.size - sizeBefore;
  let at = writer.position;
  if (writer.bytes.length - at < TOPICS_LENGTH_BYTES) at = writer.grow(at, TOPICS_LENGTH_BYTES);
  writer.position = writer.bytes.writeInt32BE(length, at);
}
