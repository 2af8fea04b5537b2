/** The metadata log of the simulated controllers: what is in it is committed. */
import { encodeMetadataRecord } from '../../../dist/cluster/quorum/metadata-record.js';
import { METADATA_RECORD_TABLE } from '../../../dist/protocol/metadata-record-table.js';
import { parseVersions } from '../../../dist/protocol/version-range.js';
import { buildBatch } from '../../../dist/records/batch-builder.js';

export class MetadataLog {
  /** Of the controller that leads. */
  epoch = 1;
  end = 0;
  #batches = [];
  onAppended = () => {};

  /** What a record leaves out has its default. */
  append(records) {
    if (records.length === 0) return;
    const values = records.map(({ kind, body }) => {
      const { highest } = parseVersions(METADATA_RECORD_TABLE[kind].versions);
      return { value: encodeMetadataRecord({ kind, body }, highest), timestamp: 1000 + this.end };
    });
    const batch = buildBatch(values, { baseOffset: this.end, leaderEpoch: this.epoch });
    this.#batches.push({ base: this.end, batch });
    this.end += records.length;
    this.onAppended();
  }

  from(offset) {
    const behind = this.#batches.filter(({ base }) => base >= offset);
    return Buffer.concat(behind.map(({ batch }) => batch));
  }
}
