/** What `npm run load` tells a scenario: written by apps/bench/src/load/k6-run.ts, where it has the same shape. */
export interface Plan {
  /** The site's URL, without a slash at its end. */
  readonly site: string;
  /** How the site runs, and how many packages it has: for the summary. */
  readonly mode: string;
  readonly packages: number;
  /** How long the scenario loads, in seconds. */
  readonly seconds: number;
  /** Users at the same time, where a scenario has a fixed number of them. */
  readonly users: number;
  /** Journeys begun per second, where a scenario has a fixed rate. */
  readonly rate: number;
  /** File of the data. */
  readonly data: string;
  /** File for the summary. */
  readonly summary: string;
}

/** A release that is signed already: its archive and its record. One author's have to be published in their order. */
export interface PreparedRelease {
  readonly cid: string;
  /** The .tgz, in base64. */
  readonly archive: string;
  /** The body of `POST /v1/records`. */
  readonly append: string;
}

/** What load is made of, as it goes into requests: written by apps/bench/src/load/load-data.ts, where it has the same shape. */
export interface LoadData {
  /** Query strings of searches, all different. */
  readonly queries: readonly string[];
  /** Paths of packages and versions. */
  readonly paths: readonly string[];
  /** Bodies of `POST /v1/resolutions` that can be resolved. */
  readonly installs: readonly string[];
  /** In turn of many authors: one's next release comes long after the one before. */
  readonly releases: readonly PreparedRelease[];
}

const file = __ENV['PLAN'];
if (!file) throw new Error('Scenarios are started by `npm run load`, which tells them their site in PLAN.');

/** The plan of this run. */
export const plan = JSON.parse(open(file)) as Plan;
