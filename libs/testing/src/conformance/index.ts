export { blobLedgerConformance } from './blob-ledger.ts';
export { blobStoreConformance } from './blob-store.ts';
export { bytesOf, cidOf, gather, toArray, writeIn } from './bytes.ts';
export { hintStoreConformance, suiteHintLimits } from './hint-store.ts';
export { keyStoreConformance } from './key-store.ts';
export { logStoreConformance } from './log-store.ts';
export { chain, codeOf, forked } from './log-words.ts';
export { observationStoreConformance } from './observation-store.ts';
export { recordVerifierConformance } from './record-verifier.ts';
export {
  rpcTransportConformance,
  type SuiteCaller,
  type SuiteContext,
  type SuiteHandler,
  type SuiteService,
  type SuiteSite,
} from './rpc-transport.ts';
export { summaryStoreConformance } from './summary-store.ts';
export { declareSuite, type Cases, type Declare, type Open, type Opened } from './suite.ts';
export { inFolder, temporaryFolder, type TemporaryFolder } from './temporary-folder.ts';
