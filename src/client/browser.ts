/** `millrace/client` in browsers: without what only Node has. */

import { installPacker } from './producer/packer.ts';
import { StreamPacker } from './stream-packer.ts';

export * from './everywhere.ts';

installPacker(new StreamPacker());
