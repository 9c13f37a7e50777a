import { expect } from '@jest/globals';
import { seedFrom, type KeyStore } from '@souk/domain';
import { declareSuite, type Cases, type Open } from './suite.ts';

const cases: Cases<KeyStore> = {
  'a secret comes back as it was': async (keys) => {
    await keys.create('laptop', seedFrom('laptop'));
    expect(await keys.get('laptop')).toEqual(seedFrom('laptop'));
  },
  'a name without a secret has none': async (keys) => {
    expect(await keys.get('laptop')).toBeUndefined();
    expect(await keys.list()).toEqual([]);
  },
  'a secret is never overwritten': async (keys) => {
    await keys.create('laptop', seedFrom('one'));
    await expect(keys.create('laptop', seedFrom('two'))).rejects.toMatchObject({ code: 'STORAGE_DENIED' });
    expect(await keys.get('laptop')).toEqual(seedFrom('one'));
  },
  'of two that create one name at once exactly one wins': async (keys) => {
    const outcomes = await Promise.allSettled(['one', 'two', 'three'].map((text) => keys.create('laptop', seedFrom(text))));
    const won = outcomes.findIndex((one) => one.status === 'fulfilled');
    expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    expect(await keys.get('laptop')).toEqual(seedFrom(['one', 'two', 'three'][won] ?? ''));
  },
  'names are listed in order': async (keys) => {
    for (const name of ['root', 'ci-2', 'laptop.1', 'Network_key']) await keys.create(name, seedFrom(name));
    expect(await keys.list()).toEqual(['Network_key', 'ci-2', 'laptop.1', 'root']);
  },
  'what is no name is refused': async (keys) => {
    for (const name of ['', '.', '..', '.hidden', 'a/b', '../root', 'a\\b', 'a\0', 'a b', 'x'.repeat(101)]) {
      await expect(keys.create(name, seedFrom('x'))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
      await expect(keys.get(name)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }
    expect(await keys.list()).toEqual([]);
  },
  'what is not 32 bytes is refused': async (keys) => {
    await expect(keys.create('laptop', new Uint8Array(31))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(keys.create('laptop', new Uint8Array(64))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(await keys.list()).toEqual([]);
  },
  'nobody can change a kept secret through the bytes given or got': async (keys) => {
    const secret = seedFrom('laptop');
    await keys.create('laptop', secret);
    secret.fill(0);
    (await keys.get('laptop'))?.fill(0);
    expect(await keys.get('laptop')).toEqual(seedFrom('laptop'));
  },
};

/** Declares the tests that every `KeyStore` must pass. */
export function keyStoreConformance(name: string, open: Open<KeyStore>): void {
  declareSuite(name, open, cases);
}
