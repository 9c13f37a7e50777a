import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { keyId } from '../id/key-id.ts';
import { seedFrom, signerOf } from '../record/ed25519.ts';
import { NameBindings } from './name-bindings.ts';
import { requireIntent } from './site-intent.ts';
import { SiteState } from './site-state.ts';

const [ada, eve, zoe] = ['ada', 'eve', 'zoe'].map((name) => keyId(signerOf(seedFrom(name)).publicKey)) as [ReturnType<typeof keyId>, ReturnType<typeof keyId>, ReturnType<typeof keyId>];
const names = ['kit', '@team/kit', '@team/*'] as const;

test('the charter goes before what the site decided, before and after, about the scope and about the name', () => {
  const bindings = new NameBindings();
  bindings.takeBind({ names: ['@team/kit'], publisher: eve, by: 'policy' });
  bindings.takeBind({ names: ['@team/*'], publisher: ada, by: 'policy', charter: 2 });
  bindings.takeBind({ names: ['@team/kit'], publisher: zoe, by: 'policy' });
  expect(bindings.of('@team/kit')).toEqual({ publisher: ada, by: 'policy', charter: 2 });
  expect(bindings.forNew('@team/new')).toMatchObject({ publisher: ada });
  expect(bindings.list(undefined, 10, 'policy').map((one) => one.name)).toEqual(['@team/*', '@team/kit']);
  bindings.takeUnbind({ name: '@team/*', charter: 3 });
  expect(bindings.of('@team/kit')).toEqual({ publisher: zoe, by: 'policy' });
});

test('whatever the site writes, what the charter bound stays bound to whom it says', () => {
  const fact = fc.record({ name: fc.constantFrom(...names), publisher: fc.constantFrom(eve, zoe), what: fc.constantFrom('sight', 'policy', 'unbind') });
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 20 }), fc.nat(20), fc.constantFrom(...names), (facts, at, bound) => {
      const bindings = new NameBindings();
      for (const [index, { name, publisher, what }] of [...facts.slice(0, at), undefined, ...facts.slice(at)].map((one) => one ?? { name: bound, publisher: ada, what: 'charter' }).entries()) {
        if (what === 'unbind') bindings.takeUnbind({ name });
        else bindings.takeBind({ names: [name], publisher, by: what === 'sight' ? 'sight' : 'policy', ...(what === 'charter' ? { charter: index + 1 } : {}) });
      }
      expect(bindings.of(bound)?.publisher).toBe(ada);
      if (bound === '@team/*') expect(bindings.of('@team/kit')?.publisher).toBe(ada);
    }),
  );
});

test('who administers a site cannot decide about what the charter binds', () => {
  const state = new SiteState();
  state.bindings.takeBind({ names: ['@team/*'], publisher: ada, by: 'policy', charter: 2 });
  for (const name of ['@team/*', '@team/kit'] as const) {
    expect(() => requireIntent(state, { kind: 'bind', body: { names: [name as never], publisher: eve, by: 'policy' } }, 0)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
    expect(() => requireIntent(state, { kind: 'unbind', body: { name: name as never } }, 0)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  }
});
