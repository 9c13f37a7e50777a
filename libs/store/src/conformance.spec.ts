import { MemoryBlobLedger, MemoryBlobStore, MemoryHintStore, MemoryKeyStore, MemoryLogStore, MemoryObservationStore, MemorySummaryStore } from '@souk/domain';
import { blobLedgerConformance, blobStoreConformance, hintStoreConformance, keyStoreConformance, logStoreConformance, observationStoreConformance, suiteHintLimits, summaryStoreConformance, temporaryFolder, type Open } from '@souk/testing/conformance';
import { openBlobLedger, openBlobStore, openHintStore, openKeyStore, openLogStore, openObservationStore, openSummaryStore } from './index.ts';

function inMemory<Store>(make: () => Store): Open<Store> {
  return async () => ({ store: make(), cleanup: async () => undefined });
}

function onDisk<Store>(open: (folder: string) => Promise<Store>, close: (store: Store) => Promise<void>): Open<Store> {
  return async () => {
    const folder = await temporaryFolder();
    const store = await open(folder.path);
    return {
      store,
      cleanup: async () => {
        await close(store);
        await folder.remove();
      },
    };
  };
}

logStoreConformance('MemoryLogStore', inMemory(() => new MemoryLogStore({ now: Date.now })));
logStoreConformance('SqliteLogStore', onDisk((folder) => openLogStore(folder), (store) => store.close()));
blobStoreConformance('MemoryBlobStore', inMemory(() => new MemoryBlobStore()));
blobStoreConformance('FileBlobStore', onDisk((folder) => openBlobStore(folder), (store) => store.close()));
blobStoreConformance('FileBlobStore of a thread', onDisk((folder) => openBlobStore(folder, { isAlone: true }), (store) => store.close()));
keyStoreConformance('MemoryKeyStore', inMemory(() => new MemoryKeyStore()));
// The temporary folder is 0700 as mkdtemp made it, so the key store accepts it.
keyStoreConformance('FileKeyStore', onDisk(openKeyStore, async () => undefined));
observationStoreConformance('MemoryObservationStore', inMemory(() => new MemoryObservationStore()));
observationStoreConformance('SqliteObservationStore', onDisk(openObservationStore, (store) => store.close()));
blobLedgerConformance('MemoryBlobLedger', inMemory(() => new MemoryBlobLedger()));
blobLedgerConformance('SqliteBlobLedger', onDisk(openBlobLedger, (store) => store.close()));
hintStoreConformance('MemoryHintStore', inMemory(() => new MemoryHintStore(suiteHintLimits)));
hintStoreConformance('SqliteHintStore', onDisk((folder) => openHintStore(folder, suiteHintLimits), (store) => store.close()));
summaryStoreConformance('MemorySummaryStore', inMemory(() => new MemorySummaryStore()));
summaryStoreConformance('SqliteSummaryStore', onDisk(openSummaryStore, (store) => store.close()));
