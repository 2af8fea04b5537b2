/** The values that a load sends, of one size. */
import { orderTexts } from '../client/sample-records.ts';
import type { DriveSpec } from './drive-spec.ts';

export function sampleValues({ values, recordBytes }: DriveSpec): Buffer[] {
  if (values === 'plain') return [Buffer.alloc(recordBytes, 'x')];
  const texts = orderTexts();
  const most = Math.max(1, Math.min(texts.length, Math.floor(64_000_000 / recordBytes)));
  return texts.slice(0, most).map((_, i) => {
    let text = '';
    for (let next = i; text.length < recordBytes; next++) text += texts[next % texts.length]!;
    return Buffer.from(text.slice(0, recordBytes));
  });
}
