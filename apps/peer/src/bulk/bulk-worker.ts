import { parentPort, workerData } from 'node:worker_threads';
import { BulkWork, type BulkPlace } from './bulk-work.ts';
import { serveTasks } from './thread-tasks.ts';

if (!parentPort) throw new Error('this file is the entry of a worker thread');

const work = await BulkWork.open(workerData as BulkPlace);
serveTasks(parentPort, {
  keepBlobs: (car) => work.keepBlobs(car as Uint8Array),
  append: (input) => work.append(input as Parameters<BulkWork['append']>[0]),
  name: (names) => work.name(names as Parameters<BulkWork['name']>[0]),
  changes: (page) => work.changes(page as Parameters<BulkWork['changes']>[0]),
  close: () => work.close(),
});
