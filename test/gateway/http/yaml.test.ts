import { expect, it } from 'vitest';
import { toYaml } from '../../../src/gateway/http/yaml.ts';

it('writes objects and lists as blocks, lists of plain values in one line, texts quoted', () => {
  const text = toYaml({
    info: { title: 'a "quoted" text: yes', count: 3, none: null, empty: {} },
    list: [1, 'two', false],
    blocks: [{ a: 1, b: { c: [] } }, { $ref: '#/x' }],
    'a.b': 'dotted',
    no: true,
  });
  expect(text).toBe(`info:
  title: "a \\"quoted\\" text: yes"
  count: 3
  none: null
  empty: {}
list: [1, "two", false]
blocks:
  - a: 1
    b:
      c: []
  - "$ref": "#/x"
"a.b": "dotted"
"no": true
`);
});
