import { expect, test } from '@jest/globals';
import { keyId, networkIdOf, newerCharter, seedFrom, signCharter, signerOf, type Charter, type CharterFields, type SignedCharter } from '@souk/domain';
import { network, until, type Changes } from '@souk/testing';
import type { CharterHolder } from './network-exchange.ts';

const authority = signerOf(seedFrom('authority'));
const realm = { authority: keyId(authority.publicKey), network: networkIdOf(seedFrom('network')) };
const charterOf = (version: number, more: Partial<CharterFields> = {}, signer = authority): Charter => signCharter({ network: realm.network, version, at: 0, supers: [], scopes: [], limits: {}, ...more }, signer);

/** A charter in memory, as a peer keeps it. */
class MemoryCharter implements CharterHolder {
  readonly refused: string[] = [];
  #held: Charter | undefined;
  readonly #watchers = new Set<() => void>();

  constructor(held?: Charter) {
    this.#held = held;
  }

  readonly changes: Changes = (changed) => {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  };

  authority(): string {
    return realm.authority;
  }

  current(): Charter | undefined {
    return this.#held;
  }

  async offer(signed: SignedCharter): Promise<boolean> {
    try {
      const newer = newerCharter(this.#held, signed, realm);
      this.#held = newer ?? this.#held;
      return newer !== undefined;
    } catch (error) {
      this.refused.push((error as { code: string }).code);
      throw error;
    } finally {
      for (const watcher of this.#watchers) watcher();
    }
  }

  hasVersion(version: number): Promise<void> {
    return until(() => this.#held?.version === version, this.changes);
  }
}

test('the newest charter reaches everybody over their links, whoever dialled whom, and nobody goes back to an older one', async () => {
  await using net = network();
  const held = [new MemoryCharter(charterOf(2)), new MemoryCharter(), new MemoryCharter(charterOf(1))] as const;
  const a = await net.peer('a', { charter: held[0] });
  const b = await net.peer('b', { charter: held[1], join: [a] });
  await net.peer('c', { charter: held[2], role: 'leaf', supers: [b] });
  await Promise.all(held.map((one) => one.hasVersion(2)));
  await held[0].offer(charterOf(3).signed);
  a.node.charterChanged();
  await Promise.all(held.map((one) => one.hasVersion(3)));
  const late = new MemoryCharter(charterOf(1));
  await net.peer('d', { charter: late, join: [b] });
  await late.hasVersion(3);
  expect(held.map((one) => one.current()?.version)).toEqual([3, 3, 3]);
});

test('a charter that the authority did not sign, or that is of another network, is refused by whoever it is told', async () => {
  await using net = network();
  const honest = new MemoryCharter(charterOf(1));
  const a = await net.peer('a', { charter: honest });
  const told = async (name: string, forged: Charter, code: string): Promise<void> => {
    honest.refused.length = 0;
    const liar = await net.peer(name, { charter: new MemoryCharter(forged), join: [a] });
    await until(() => honest.refused.includes(code), honest.changes);
    await net.stop(liar);
  };
  await told('thief', charterOf(9, {}, signerOf(seedFrom('thief'))), 'BAD_CHARTER');
  await told('elsewhere', charterOf(9, { network: 'fedcba9876543210' }), 'BAD_CHARTER');
  const { bytes, signature } = charterOf(9).signed;
  await told('broken', { ...charterOf(9), signed: { bytes, signature: signature.map((byte, at) => (at === 0 ? byte ^ 1 : byte)) } }, 'BAD_SIGNATURE');
  expect(honest.current()?.version).toBe(1);
});

test('a peer that knows of no authority neither takes nor gives a charter', async () => {
  await using net = network();
  const held = new MemoryCharter(charterOf(1));
  const a = await net.peer('a', { charter: held });
  const b = await net.peer('b', { join: [a] });
  const other = new MemoryCharter();
  await net.peer('c', { charter: other, join: [b] });
  await net.peer('d', { charter: other, join: [a] });
  await other.hasVersion(1);
});

test('a super-peer tells of others, and a leaf that knew one of them is linked to two', async () => {
  await using net = network();
  const supers = await Promise.all(['one', 'two'].map((name) => net.peer(name, { role: 'super' })));
  for (const one of supers) one.node.setSupers(supers.flatMap((other) => other.node.multiaddrs()));
  await Promise.all(supers.map((one) => one.hasSupers(1)));
  const leaf = await net.peer('leaf', { role: 'leaf', supers: supers.slice(0, 1) });
  await leaf.hasSupers(2);
  expect([...leaf.node.superPeers()].sort()).toEqual(supers.map((one) => one.id).sort());
});

test('where there is a charter, a leaf is linked to no super-peer that it does not name, whoever tells of it', async () => {
  await using net = network();
  const supers = await Promise.all(['one', 'two'].map((name) => net.peer(name, { role: 'super' })));
  for (const one of supers) one.node.setSupers(supers.flatMap((other) => other.node.multiaddrs()));
  await Promise.all(supers.map((one) => one.hasSupers(1)));
  const held = new MemoryCharter();
  const leaf = await net.peer('leaf', { role: 'leaf', supers: supers.slice(0, 1), charter: held });
  await leaf.hasSupers(2);
  await held.offer(charterOf(1).signed);
  leaf.node.setSupers(supers[0]?.node.multiaddrs() ?? []);
  await leaf.hasSupers(1);
  expect(leaf.node.superPeers()).toEqual([supers[0]?.id]);
});
