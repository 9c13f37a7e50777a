import { expect, test } from '@jest/globals';
import { author } from '@souk/testing';
import { subject } from '../record/subject.ts';
import { CarriedRecords } from './carried-records.ts';
import { Catalogue } from './catalogue.ts';

const ada = author('ada');
const releases = ['1.0.0', '1.1.0', '2.0.0'].map((version) => ada.releases('kit', version));
const [, , newest] = releases;

test('a catalogue reads records that came with an answer as it reads a store', async () => {
  const catalogue = new Catalogue(new CarriedRecords(ada.records, 7));
  expect(await catalogue.package('kit')).toMatchObject({ name: 'kit', publisher: ada.id, tags: { latest: '2.0.0' }, versions: [{ version: '1.0.0', firstSeen: 7 }, {}, {}] });
  expect(await catalogue.package('other')).toBeUndefined();
});

test('records may be missing in between: what is there counts', async () => {
  const some = new CarriedRecords([newest as NonNullable<typeof newest>, ...ada.root.records, ...ada.device.records.slice(0, 1)], 7);
  expect(await new Catalogue(some).package('kit')).toMatchObject({ publisher: ada.id, versions: [{ version: '2.0.0' }] });
  expect((await some.read(ada.device.key, 1, 5)).map((one) => one.record.fields.seq)).toEqual([3]);
});

test('they have the order in which they came', async () => {
  const carried = new CarriedRecords(releases.toReversed(), 7);
  const about = await carried.about(subject.ofPackage('kit'), 1, 10);
  expect(about.map((one) => [one.arrival, one.record.fields.seq])).toEqual([[2, 2], [3, 1]]);
  expect(await carried.subjects('package:', undefined, 10)).toEqual(['package:kit']);
});
