import type { AnyHandler } from '../handler.ts';
import { produce } from './00-produce.ts';
import { fetch } from './01-fetch.ts';
import { listOffsets } from './02-list-offsets.ts';
import { metadata } from './03-metadata.ts';
import { findCoordinator } from './10-find-coordinator.ts';
import { apiVersions } from './18-api-versions.ts';
import { createTopics } from './19-create-topics.ts';
import { deleteTopics } from './20-delete-topics.ts';
import { initProducerId } from './22-init-producer-id.ts';
import { describeConfigs } from './32-describe-configs.ts';
import { describeLogDirs } from './35-describe-log-dirs.ts';
import { describeCluster } from './60-describe-cluster.ts';

/** All that is served; ApiVersions tells of these and of nothing else. */
export const handlers: readonly AnyHandler[] = [
  produce,
  fetch,
  listOffsets,
  metadata,
  findCoordinator,
  apiVersions,
  createTopics,
  deleteTopics,
  initProducerId,
  describeConfigs,
  describeLogDirs,
  describeCluster,
];
