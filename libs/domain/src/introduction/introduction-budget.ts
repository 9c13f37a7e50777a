/** What somebody brings here that nobody here had heard of: logs, package names, and the bytes of records. */
export interface Introduction {
  readonly logs: number;
  readonly names: number;
  readonly bytes: number;
}

/** Two token buckets' worth of one or all peers: what is left at a time. */
interface Account extends Introduction {
  readonly at: number;
}

const dayMs = 86_400_000;
/** Peers whose accounts are kept; the one that was not charged for longest is forgotten, and has its whole budget when it comes back. */
const maxPeers = 10_000;
/** All peers together may introduce so many times what one may: identities are cheap, so that many of them must not be a way around. */
const allTogether = 8;

/**
 * What each peer may introduce in a day: a budget that is refilled with time (a token bucket whose burst is a whole day's), and one for all of them
 * together. Who has spent it is not blamed, for it may pass on what others made; what it brings waits.
 */
export class IntroductionBudget {
  readonly #perDay: Introduction;
  readonly #accounts = new Map<string, Account>();
  #all: Account | undefined;

  /** `perDay`: what one peer may introduce in 24 hours. */
  constructor(perDay: Introduction) {
    this.#perDay = perDay;
  }

  /** Whether a peer has anything left for records of logs that are held here, or for new logs, at `now` (milliseconds). */
  admits(peer: string, isNewLog: boolean, now: number): boolean {
    return [this.#accountOf(peer, now), this.#allAt(now)].every((one) => one.bytes >= 1 && (!isNewLog || one.logs >= 1));
  }

  /** Charges a peer; false, and nothing is charged, when it has not so much left. */
  charge(peer: string, cost: Introduction, now: number): boolean {
    const [account, all] = [this.#accountOf(peer, now), this.#allAt(now)];
    if (!covers(account, cost) || !covers(all, cost)) return false;
    this.#accounts.delete(peer);
    const oldest = this.#accounts.keys().next().value;
    if (this.#accounts.size >= maxPeers && oldest !== undefined) this.#accounts.delete(oldest);
    this.#accounts.set(peer, minus(account, cost));
    this.#all = minus(all, cost);
    return true;
  }

  #accountOf(peer: string, now: number): Account {
    return refilled(this.#accounts.get(peer), this.#perDay, now);
  }

  #allAt(now: number): Account {
    return refilled(this.#all, { logs: this.#perDay.logs * allTogether, names: this.#perDay.names * allTogether, bytes: this.#perDay.bytes * allTogether }, now);
  }
}

function refilled(account: Account | undefined, perDay: Introduction, now: number): Account {
  if (!account) return { ...perDay, at: now };
  const share = Math.max(0, now - account.at) / dayMs;
  const left = (what: keyof Introduction): number => Math.min(perDay[what], account[what] + perDay[what] * share);
  return { logs: left('logs'), names: left('names'), bytes: left('bytes'), at: Math.max(now, account.at) };
}

const covers = (account: Account, cost: Introduction): boolean => account.logs >= cost.logs && account.names >= cost.names && account.bytes >= cost.bytes;

const minus = (account: Account, cost: Introduction): Account => ({ logs: account.logs - cost.logs, names: account.names - cost.names, bytes: account.bytes - cost.bytes, at: account.at });
