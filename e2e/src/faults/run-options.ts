/** What the command line of the tier says (tools/faults.mjs hands it on in the environment). */
export const runOptions = {
  /** Everything drawn by chance follows from it. */
  seed: whole('SOUK_FAULTS_SEED', 1),
  /** Kills of peer processes under load. */
  kills: whole('SOUK_FAULTS_KILLS', 1000),
  /** How often the other faults are repeated. */
  runs: whole('SOUK_FAULTS_RUNS', 1),
  /** Lives that go on at the same time. */
  lanes: whole('SOUK_FAULTS_LANES', 2),
};

function whole(name: string, otherwise: number): number {
  const value = Number(process.env[name] || otherwise);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} has to be a whole number from 1 on.`);
  return value;
}
