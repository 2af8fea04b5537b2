import type { StreamHub } from '../stream/stream-hub.ts';
import type { MetricsText } from './metrics-text.ts';

/** The figures of the gateway's own streams in `/metrics`. */
export function streamMetrics(text: MetricsText, socketCount: number, hub: StreamHub): void {
  const { recordCount, frameCount, feedCount, sharedBytes } = hub.pump;
  text
    .metric('millrace_websocket_sockets', 'gauge', 'Open WebSocket connections.')
    .sample('millrace_websocket_sockets', {}, socketCount)
    .metric('millrace_streams', 'gauge', 'Subscriptions and HTTP streams outside of groups.')
    .sample('millrace_streams', {}, hub.followerCount)
    .metric('millrace_streamed_partitions', 'gauge', 'Partitions that some stream reads.')
    .sample('millrace_streamed_partitions', {}, feedCount)
    .metric('millrace_streamed_records_total', 'counter', 'Records sent to all streams.')
    .sample('millrace_streamed_records_total', {}, recordCount)
    .metric('millrace_streamed_frames_total', 'counter', 'Frames that they went out in.')
    .sample('millrace_streamed_frames_total', {}, frameCount)
    .metric('millrace_stream_shared_bytes', 'gauge', 'Frames kept for streams that share them.')
    .sample('millrace_stream_shared_bytes', {}, sharedBytes);
}
