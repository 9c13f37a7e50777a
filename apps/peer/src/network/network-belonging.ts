import { isSoukError, networkIdOf } from '@souk/domain';
import type { Log } from '@souk/nest';
import { readBelonging, writeBelonging, type DataFolder } from '@souk/store';
import { networkKeyOf, type WantedNetwork } from './network-key.ts';

/**
 * The key of the network that a data folder belongs to, see `networkKeyOf`. To which one it belongs is written down at the first start, so
 * that a folder that loses its key is never taken for one of an open network. Throws what `networkKeyOf` and `readBelonging` throw.
 */
export async function belongingKey(data: Pick<DataFolder, 'path' | 'keys' | 'logs'>, config: WantedNetwork, log: Log): Promise<Uint8Array | undefined> {
  const belongs = await readBelonging(data.path);
  const key = await networkKeyOf({ keys: data.keys, logs: data.logs, ...(belongs === undefined ? {} : { belongs }) }, config);
  if (belongs === undefined) {
    await writeBelonging(data.path, networkIdOf(key)).catch((error: unknown) => {
      // A full disk must not keep a site from reading; the next start writes it.
      log.warn('To which network the data folder belongs was not written down', { code: isSoukError(error) ? error.code : 'INTERNAL', error });
    });
  }
  return key;
}
