/** Where the time of each thread went, from the CPU profiles that V8 wrote. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CpuProfile, nameOfCall } from './profile/call-tree.ts';

const MOST_LINES = 40;

/** Self time by function, the longest first. */
function summaryOf(file: string, profile: CpuProfile): string {
  const names = new Map(profile.nodes.map((node) => [node.id, nameOfCall(node)]));
  const selfUs = new Map<string, number>();
  let totalUs = 0;
  for (const [index, id] of profile.samples.entries()) {
    const deltaUs = profile.timeDeltas[index] ?? 0;
    const name = names.get(id) ?? '';
    selfUs.set(name, (selfUs.get(name) ?? 0) + deltaUs);
    totalUs += deltaUs;
  }
  const sorted = [...selfUs].sort((a, b) => b[1] - a[1]).slice(0, MOST_LINES);
  const lines = sorted.map(
    ([name, us]) => `${((us / totalUs) * 100).toFixed(1).padStart(6)} % ${name}`,
  );
  return [`${file}: ${(totalUs / 1e6).toFixed(1)} s`, ...lines].join('\n');
}

export async function profileSummary(folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile')).sort();
  const parts: string[] = [];
  for (const file of files) {
    const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
    parts.push(summaryOf(file, profile));
  }
  return parts.join('\n\n');
}
