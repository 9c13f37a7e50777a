import { expect, test } from '@jest/globals';
import { Catalogue, MemoryLogStore } from '@souk/domain';
import { author, type Author } from '@souk/testing';
import { starsOf } from './stars.ts';

async function starsBy(...authors: Author[]): Promise<number> {
  const logs = new MemoryLogStore({ now: () => 0 });
  for (const one of authors) await logs.append([...one.records]);
  return starsOf(logs, new Catalogue(logs), 'mitt');
}

function fan(name: string, ...words: boolean[]): Author {
  const one = author(name);
  for (const on of words) one.device.write('star', { name: 'mitt', on });
  return one;
}

test("counts each publisher's last word once", async () => {
  expect(await starsBy(fan('ada', true, true), fan('ben', true, false), fan('cy', true, false, true), fan('dan'))).toBe(2);
});

test('does not count a key that nobody stands behind', async () => {
  const ada = fan('ada', true);
  const logs = new MemoryLogStore({ now: () => 0 });
  await logs.append([...ada.device.records]);
  expect(await starsOf(logs, new Catalogue(logs), 'mitt')).toBe(0);
});
