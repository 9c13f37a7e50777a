import { maxListedVersions, type PackageDoc } from '@souk/contracts';
import { requireBound, type PackageState, type VersionState } from '@souk/domain';
import { fitting, MessageBudget } from '../message-budget.ts';

/** Most claimants that a document names. */
const maxClaimants = 100;

type Line = PackageDoc['versions'][number];

function lineOf(one: VersionState): Line {
  const { kind, cid, size, version } = one.release;
  return { version, kind, cid, size, publishedAt: new Date(one.firstSeen).toISOString(), ...(one.retracted ? { retracted: one.retracted } : {}) };
}

/** The version that `latest` names. */
export function latestOf(state: PackageState): VersionState | undefined {
  return state.versions.find((one) => one.version === state.tags.latest);
}

/** A package's document: the newest versions first, as many as fit into one message. Throws CONTESTED_NAME. */
export function packageDoc(state: PackageState): PackageDoc {
  const { publisher } = requireBound(state);
  const latest = latestOf(state)?.release;
  const { description, license, homepage, keywords = [] } = latest?.manifest ?? {};
  const head = {
    name: state.name as PackageDoc['name'],
    ...(latest ? { kind: latest.kind, latest: latest.version } : {}),
    publisher,
    claimants: state.claimants.slice(0, maxClaimants),
    tags: state.tags as PackageDoc['tags'],
    ...(description === undefined ? {} : { description }),
    keywords,
    ...(license === undefined ? {} : { license }),
    ...(homepage === undefined ? {} : { homepage }),
    totalVersions: state.versions.length,
  };
  const budget = new MessageBudget();
  budget.takes(head);
  return { ...head, versions: fitting(state.versions.slice(-maxListedVersions).reverse().map(lineOf), budget) };
}
