import { seededRandom, type SeededRandom } from './seeded-random.ts';

const subjects = 'http json yaml csv xml sql redis postgres sqlite kafka nats graphql grpc rest oauth jwt crypto hash image video audio font color date time locale number matrix graph tree queue cache file path stream buffer socket proxy router form table chart map editor terminal prompt log metric trace test mock fixture schema config env secret'.split(' ');
const roles = 'parser writer reader client server adapter driver plugin loader builder bundler compiler linter formatter validator generator scheduler worker pool middleware template starter kit engine runtime wrapper bridge viewer picker'.split(' ');
const qualities = 'small fast tiny strict simple modern typed async lazy safe pure portable streaming incremental minimal robust flexible reactive native universal'.split(' ');
const places = 'browsers node servers workers cli edge desktop mobile monorepos microservices tests notebooks'.split(' ');
const syllables = 'ba be bi bo bu da de di do du fa fe fi fo ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo za ze zi zo'.split(' ');
const licenses = ['MIT', 'Apache-2.0', 'ISC', 'BSD-3-Clause', 'MPL-2.0'];

/** A word that somebody coined for a project. */
function coined(random: SeededRandom): string {
  return random.pick(syllables) + random.pick(syllables) + random.pick(syllables);
}

/** The package.json of `count` packages that nobody wrote, always the same for a seed: names, words and dependencies are spread as unevenly as in a real registry. */
export function generatedPackages(count: number, seed: number): Record<string, unknown>[] {
  const random = seededRandom(seed);
  // The square prefers the front of a list, as people prefer some words.
  const often = <T>(list: readonly T[]): T => list[Math.floor(random.next() ** 2 * list.length)] as T;
  const names: string[] = [];
  return Array.from({ length: count }, (_, number) => {
    const [subject, role, quality] = [often(subjects), often(roles), often(qualities)];
    const family = coined(random);
    const name = `${random.next() < 0.5 ? `${family}-` : ''}${subject}-${role}-${number.toString(36)}`;
    const dependencies = Object.fromEntries(Array.from({ length: Math.min(number, random.below(5)) }, () => [often(names), `^${1 + random.below(3)}.0.0`]));
    names.push(name);
    return {
      name,
      version: `${1 + random.below(3)}.${random.below(10)}.${random.below(20)}`,
      description: `A ${quality} ${subject} ${role} for ${often(places)} with ${often(subjects)} and ${often(subjects)} support, part of ${family}`,
      keywords: [...new Set([subject, role, often(subjects), often(places)])],
      license: often(licenses),
      author: `Author ${random.below(200)}`,
      dependencies,
      ...(random.next() < 0.2 ? { souk: { kind: 'template' } } : {}),
    };
  });
}
