/** Records of about 100 bytes, the same in each run. */

const RECORD_BYTES = 100;
const SAMPLES = 2_000;
const KEYS = 10_000;
const CITIES = ['Bergen', 'Cadiz', 'Delft', 'Essen', 'Fermo', 'Genoa', 'Halle', 'Izmir'];
const SEED = 42;

export function plainBytes(): Buffer {
  return Buffer.alloc(RECORD_BYTES, 'x');
}

export function plainText(): string {
  return 'x'.repeat(RECORD_BYTES);
}

export function shortKeys(): string[] {
  return Array.from({ length: KEYS }, (_, i) => `key-${String(i).padStart(6, '0')}`);
}

/** Objects whose JSON takes 95 to 100 bytes. */
export function orders(): unknown[] {
  let state = SEED;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: SAMPLES }, () => ({
    id: 1_000_000 + random(1_000_000),
    customer: `customer-${10_000 + random(10_000)}`,
    city: CITIES[random(CITIES.length)],
    amount: 100 + random(900),
    express: random(2) === 1,
  }));
}

export function orderTexts(): string[] {
  return orders().map((each) => JSON.stringify(each));
}
