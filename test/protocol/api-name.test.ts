import { expect, it } from 'vitest';
import { apiName } from '../../src/protocol/api-registry.ts';
import { CONTROLLER_API_TABLE } from '../../src/protocol/controller-api-table.ts';

it('what only controllers serve has its name without its schema', () => {
  for (const { key, name } of Object.values(CONTROLLER_API_TABLE)) expect(apiName(key)).toBe(name);
  expect(apiName(1)).toBe('Fetch');
  expect(apiName(999)).toBe('api key 999');
});
