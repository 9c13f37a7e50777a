const everyMs = 20;
const mib = 2 ** 20;

/** The highest resident memory of this process from one question to the next, in MiB. */
export function ownPeak(): () => number {
  let highest = 0;
  const look = (): number => (highest = Math.max(highest, process.memoryUsage.rss() / mib));
  setInterval(look, everyMs).unref();
  return () => {
    const peak = look();
    highest = 0;
    return peak;
  };
}
