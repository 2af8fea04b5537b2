import { ClientMetrics } from '../../client/metrics/client-metrics.ts';
import type {
  ConsumerMetricNames,
  ProducerMetricNames,
} from '../../client/metrics/names-of-clients.ts';
import type { BytesByTopic } from '../metrics/topic-bytes.ts';
import type { RawCore } from './group-reader.ts';
import type { ProducerOutput } from './producer-output.ts';

/** What an application's clients have read and written, by topic. */
export function clientBytes(reader: RawCore, output: ProducerOutput) {
  const consumed = (): BytesByTopic => {
    const { topics } = new ClientMetrics<ConsumerMetricNames>(reader.link.metrics).snapshot();
    return new Map(
      Object.entries(topics).map(([topic, values]) => {
        const rate = values['bytes-consumed-rate'];
        return [topic, { rate, total: values['bytes-consumed-total'] }];
      }),
    );
  };
  const produced = (): BytesByTopic => {
    const { topics }: { topics: TopicValues } = output.producer.metrics.snapshot();
    return new Map(
      Object.entries(topics).map(([topic, values]) => {
        return [topic, { rate: values['byte-rate'], total: values['byte-total'] }];
      }),
    );
  };
  return { consumed, produced };
}

type TopicValues = Readonly<Record<string, Readonly<Record<ProducerMetricNames['topic'], number>>>>;
