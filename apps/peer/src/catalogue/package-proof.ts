import type { Proof } from '@souk/contracts';
import { SoukError, toHex, toWire, type Catalogue, type VerifiedRecord } from '@souk/domain';
import { MessageBudget } from '../message-budget.ts';
import { requireVersion } from './package-reader.ts';

/**
 * The signed records that prove exact versions, each once: the records behind the key that signed a release, then the release.
 * Throws PACKAGE_NOT_FOUND, VERSION_NOT_FOUND, CONTESTED_NAME, and TOO_LARGE when they do not fit into one message.
 */
export async function proofOf(catalogue: Pick<Catalogue, 'package' | 'writer'>, packages: readonly { readonly name: string; readonly version: string }[]): Promise<Proof> {
  const records = new Map<string, VerifiedRecord>();
  for (const { name, version } of packages) {
    const { record } = await requireVersion(catalogue, name, version);
    const { proof } = await catalogue.writer(record.key);
    for (const one of [...proof, record]) records.set(toHex(one.hash), one);
  }
  const wire = [...records.values()].map(toWire);
  const budget = new MessageBudget();
  if (!wire.every((one) => budget.takes(one))) throw new SoukError('TOO_LARGE', `The proofs of ${packages.length} packages do not fit into one message.`, { hint: 'Ask for fewer packages at once.' });
  return wire;
}
