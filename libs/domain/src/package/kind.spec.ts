import { expect, test } from '@jest/globals';
import { kindOf } from './kind.ts';

test.each([
  ['create-vite', 'template'],
  ['@team/create-api', 'template'],
  ['cra-template', 'template'],
  ['cra-template-typescript', 'template'],
  ['generator-x', 'template'],
  ['create-', 'package'],
  ['recreate-x', 'package'],
  ['cra-templates', 'package'],
  ['chalk', 'package'],
  ['@create-x/chalk', 'package'],
])('%s is a %s by its name', (name, kind) => {
  expect(kindOf({ name })).toBe(kind);
});

test('the option comes before souk.kind, souk.kind before name and keywords', () => {
  expect(kindOf({ name: 'create-x', souk: { kind: 'package' } }, 'template')).toBe('template');
  expect(kindOf({ name: 'create-x', keywords: ['template'], souk: { kind: 'package' } })).toBe('package');
  expect(kindOf({ name: 'x', keywords: ['a', 'Template'] })).toBe('template');
  expect(kindOf({ name: 'x', keywords: 'a, template' })).toBe('template');
  expect(kindOf({ name: 'x', keywords: ['templates'] })).toBe('package');
});

test.each([undefined, null, 5, [], { souk: { kind: 'app' } }, { souk: null, keywords: 3 }, Object.create({ souk: { kind: 'template' } })])('%j is a package', (value) => {
  expect(kindOf(value)).toBe('package');
});
