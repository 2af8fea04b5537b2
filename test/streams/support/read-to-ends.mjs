const LOOK_MS = 10;

/** Reads up to the ends as they are now, and hands each record on. */
export async function readToEnds(consumer, places, take) {
  const ends = await consumer.endOffsets(places);
  const isOver = () => ends.every((end) => (consumer.position(end) ?? 0) >= end.offset);
  // What stands last may be no record, so the loop is ended from outside.
  const over = new AbortController();
  const looking = setInterval(() => isOver() && over.abort(), LOOK_MS);
  for await (const batch of consumer.batches({ signal: over.signal })) {
    for (const record of batch) take(record);
  }
  clearInterval(looking);
}
