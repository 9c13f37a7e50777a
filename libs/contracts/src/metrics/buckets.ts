/**
 * Upper bounds of histograms, in seconds. Each objective and each alert of the service-level objectives is a bound, so that the share of
 * what was quicker is counted and not interpolated.
 */
export const buckets = {
  /** Calls and requests: a search within 1, 5, 10 and 20 ms, a publish within 30 and 500 ms, a search that is late at 100 and 150 ms, an install at 150 ms, 2 and 3 s. */
  answer: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.5, 1, 2, 3, 5, 10, 30],
  /** Lookups: a hot hit within 10 us, a warm one within 200 us, any cached one within 1 ms, the DHT within 500 and 800 ms. */
  lookup: [0.00001, 0.00005, 0.0002, 0.001, 0.005, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1, 2, 5, 10],
  /** What crosses the network: gossip within 100 and 430 ms, 1 and 3 s. */
  spread: [0.01, 0.02, 0.05, 0.1, 0.2, 0.43, 0.7, 1, 2, 3, 5, 10, 30, 60],
  /** Work on many bytes: installs and fetches. */
  transfer: [0.01, 0.05, 0.1, 0.15, 0.3, 0.5, 1, 2, 3, 5, 10, 30, 60, 300],
} as const;
