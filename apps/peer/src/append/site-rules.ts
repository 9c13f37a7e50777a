import { readFact, SoukError, type Ban, type KeyId, type SiteState, type Takedown, type VerifiedRecord, type Writer } from '@souk/domain';

/** BANNED: a key or its publisher is shut out of this site. */
function banned({ subject, until, reason }: Ban): SoukError {
  const end = until === undefined ? '' : ` until ${new Date(until).toISOString()}`;
  return new SoukError('BANNED', `The ${subject.type} ${subject.id} is banned at this site${end}${reason === '' ? '' : `: ${reason}`}.`, {
    hint: `An administrator of the site can lift the ban: souk policy unban ${subject.type} ${subject.id}`,
    details: { ...subject, ...(until === undefined ? {} : { until }) },
  });
}

/** TAKEN_DOWN: this site neither takes nor gives it any more. */
export function takenDown(what: string, { reason }: Takedown): SoukError {
  return new SoukError('TAKEN_DOWN', `${what} was taken down at this site${reason === '' ? '' : `: ${reason}`}.`, { hint: 'Ask whoever runs the site; other versions are not concerned.', details: { what } });
}

/** Throws BANNED when one of the writers, or its publisher, is shut out at a time (milliseconds since 1970). */
export function requireLetIn(writers: ReadonlyMap<KeyId, Writer>, { bans }: SiteState, now: number): void {
  for (const { key, publisher } of writers.values()) {
    const ban = bans.of({ type: 'key', id: key }, now) ?? (publisher === undefined ? undefined : bans.of({ type: 'publisher', id: publisher }, now));
    if (ban) throw banned(ban);
  }
}

/** Throws TAKEN_DOWN for a release of what was taken down. */
export function requireNotTakenDown(records: readonly VerifiedRecord[], { takedowns }: SiteState): void {
  if (!takedowns.any) return;
  for (const record of records) {
    const fact = readFact(record);
    if (fact?.kind !== 'release') continue;
    const { name, version, cid } = fact.body;
    const takedown = takedowns.ofVersion(name, version) ?? takedowns.ofBlob(cid);
    if (takedown) throw takenDown(`${name}@${version}`, takedown);
  }
}
