import { join } from 'node:path';
import { MillraceError } from '../base/errors.ts';
import { readIfThere, replaceFile } from './storage.ts';

const FILE = 'meta.properties';
const VERSION = '1';

/** Which cluster and node a data directory belongs to, as Kafka's own brokers write it. */
export interface MetaProperties {
  readonly clusterId: string;
  readonly nodeId: number;
  /** The controllers know the directory by it. One with another id is taken for an empty disk. */
  readonly directoryId: string;
}

/** Null where the directory belongs to no cluster yet. */
export function readMetaProperties(directory: string): MetaProperties | null {
  const path = join(directory, FILE);
  const text = readIfThere(path)?.toString('utf8');
  if (text === undefined) return null;
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*([^#!=\s]+)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (match !== null) values.set(match[1]!, match[2]!);
  }
  const nodeId = Number(values.get('node.id') ?? 'none');
  const clusterId = values.get('cluster.id') ?? '';
  const directoryId = values.get('directory.id') ?? '';
  const isWhole = Number.isInteger(nodeId) && clusterId !== '' && directoryId.length === 22;
  if (isWhole && values.get('version') === VERSION) return { clusterId, nodeId, directoryId };
  const message = `${path} is not of version ${VERSION} with cluster.id, node.id and directory.id`;
  throw new MillraceError('MILLRACE_DATA_DIR', message);
}

/** The file is on the disk when this returns. */
export function writeMetaProperties(directory: string, written: MetaProperties): void {
  const lines = [
    '#',
    `#${new Date().toUTCString()}`,
    `node.id=${written.nodeId}`,
    `directory.id=${written.directoryId}`,
    `version=${VERSION}`,
    `cluster.id=${written.clusterId}`,
  ];
  replaceFile(join(directory, FILE), Buffer.from(`${lines.join('\n')}\n`), true);
}
