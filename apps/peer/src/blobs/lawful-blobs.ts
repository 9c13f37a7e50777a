import type { BlobDraft, BlobSlice, BlobStore, Cid, PutOptions, SiteState, SmallBlob } from '@souk/domain';
import { takenDown } from '../append/site-rules.ts';

/** A blob store that neither takes nor gives what was taken down: TAKEN_DOWN. Whoever uses it need not know. */
export function lawfulBlobs(blobs: BlobStore, site: { readonly state: SiteState }): BlobStore {
  const require = (cid: Cid): void => {
    const takedown = site.state.takedowns.ofBlob(cid);
    if (takedown) throw takenDown(`The blob ${cid}`, takedown);
  };
  return {
    draft: async (options: PutOptions) => lawfulDraft(await blobs.draft(options), require),
    putAll: async (all: readonly SmallBlob[]) => {
      for (const { cid } of all) require(cid);
      return blobs.putAll(all);
    },
    size: async (cid) => (site.state.takedowns.ofBlob(cid) === undefined ? blobs.size(cid) : undefined),
    read: async (cid: Cid, slice?: BlobSlice) => {
      require(cid);
      return blobs.read(cid, slice);
    },
    list: () => blobs.list(),
    delete: (cid) => blobs.delete(cid),
    close: () => blobs.close(),
  };
}

function lawfulDraft(draft: BlobDraft, require: (cid: Cid) => void): BlobDraft {
  return {
    get size() {
      return draft.size;
    },
    write: (chunk) => draft.write(chunk),
    read: () => draft.read(),
    commit: async (cid) => {
      require(cid);
      await draft.commit(cid);
    },
    abort: () => draft.abort(),
    suspend: () => draft.suspend(),
    left: () => draft.left(),
  };
}
