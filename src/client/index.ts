/** The client: `import { Producer, Consumer, topic, text, json } from 'millrace/client'`. */

import { installNativeCrc } from './native-crc.ts';
import { installPacker } from './producer/packer.ts';
import { ThreadPacker } from './thread-packer.ts';

export * from './everywhere.ts';
export { toNodeReadable } from './streams/node-readable.ts';
export { toNodeWritable } from './streams/node-writable.ts';

installNativeCrc();
installPacker(new ThreadPacker());
