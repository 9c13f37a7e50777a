import type { EventContract, RequestContract, StreamContract } from './contract.ts';
import { installPackages, resolvePackages } from './install.ts';
import {
  appendRecords,
  checkStorage,
  fetchBlobs,
  headMoved,
  listJoinTokens,
  lookupBlob,
  makeInvite,
  makeJoinToken,
  observed,
  putCharter,
  readBlobVersions,
  readCandidates,
  readChanges,
  readCharter,
  readKnown,
  readLag,
  readLog,
  readObservations,
  readPackage,
  readPeers,
  readPolicyChanges,
  readProof,
  readPublisher,
  readSelf,
  readStars,
  readStorage,
  readSupers,
  readVersion,
  redeemJoin,
  revokeJoinToken,
  searchNetwork,
} from './peer.ts';
import { handOnRecords, keepBlobs, readHeld, readOrder, readOrderHash, readOrderPage, readSiteKey, replicateOrder } from './replication.ts';
import { readScores, scoresChanged } from './reputation.ts';
import { nearestNames, searchPackages, suggest } from './search.ts';
import { appendSite, readSiteChanges, siteMoved } from './site-log.ts';

/** What one service sends and hears inside a site, and nothing else. */
export interface Traffic {
  /** Requests and streams that it answers. */
  readonly serves: readonly (RequestContract | StreamContract)[];
  /** Requests and streams of others that it asks for. */
  readonly calls: readonly (RequestContract | StreamContract)[];
  readonly listens: readonly EventContract[];
  readonly emits: readonly EventContract[];
}

/** Who talks about what to whom. NATS users are made from it, so a line that is missing here is a message that is refused there. */
export const traffic = {
  peer: {
    serves: [
      appendRecords,
      readLog,
      readPublisher,
      readPackage,
      readVersion,
      readKnown,
      readProof,
      readCandidates,
      readChanges,
      readPolicyChanges,
      fetchBlobs,
      readBlobVersions,
      readSelf,
      readPeers,
      readSupers,
      readLag,
      makeInvite,
      makeJoinToken,
      listJoinTokens,
      revokeJoinToken,
      redeemJoin,
      readCharter,
      putCharter,
      lookupBlob,
      searchNetwork,
      readObservations,
      readStars,
      readStorage,
      checkStorage,
      appendSite,
      readSiteChanges,
      readOrder,
      readOrderPage,
      readOrderHash,
      replicateOrder,
      handOnRecords,
      keepBlobs,
      readHeld,
      readSiteKey,
    ],
    // The peers of a site are one service: each serves its own ordinal and calls those of its siblings. A super-peer has its site's index answer searches of others.
    calls: [searchPackages, readSelf, makeInvite, readOrder, readOrderPage, readOrderHash, replicateOrder, handOnRecords, keepBlobs, readHeld, readSiteKey],
    listens: [scoresChanged],
    emits: [headMoved, observed, siteMoved],
  },
  search: { serves: [searchPackages, suggest, nearestNames], calls: [readChanges, readPolicyChanges, searchNetwork], listens: [headMoved, siteMoved], emits: [] },
  install: { serves: [resolvePackages, installPackages], calls: [readCandidates, fetchBlobs, nearestNames], listens: [], emits: [] },
  reputation: { serves: [readScores], calls: [readObservations], listens: [observed], emits: [scoresChanged] },
  gateway: {
    serves: [],
    calls: [
      appendRecords,
      readLog,
      readPublisher,
      readPackage,
      readVersion,
      readKnown,
      readProof,
      fetchBlobs,
      readBlobVersions,
      readSelf,
      readPeers,
      readSupers,
      readLag,
      makeInvite,
      makeJoinToken,
      listJoinTokens,
      revokeJoinToken,
      redeemJoin,
      readChanges,
      readCharter,
      putCharter,
      lookupBlob,
      readStars,
      readStorage,
      checkStorage,
      searchPackages,
      suggest,
      nearestNames,
      resolvePackages,
      installPackages,
      readScores,
      appendSite,
      readSiteChanges,
    ],
    listens: [headMoved, siteMoved],
    emits: [],
  },
} as const satisfies Record<string, Traffic>;

/** A service that talks over NATS. */
export type ServiceName = keyof typeof traffic;

/** All of them. */
export const serviceNames = Object.keys(traffic) as readonly ServiceName[];
