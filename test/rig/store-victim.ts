/**
 * A program that does to an embedded store what it is told, a JSON line each, and answers with a line each, until it is
 * killed. Arguments: folder, and how it is broken on purpose, if at all.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { silentLog } from '../../src/runtime/log.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { Store } from '../../src/store/store.ts';
import { manualClock } from './store-clock.ts';
import { carryOut, keepRevisions, type Told } from './store-orders.ts';

const [folder = '', broken = ''] = process.argv.slice(2);
const clock = manualClock();
let nextId = 'store';
const store = await openEmbeddedStore(folder, { clock, log: silentLog, newId: () => nextId, keepRevisions });
// As if deadlines were kept over a restart: the time before it counts.
if (broken === 'keptDeadline') clock.advance(5_000);

/** As if the log had lost its last revision but one. */
const losing: Store = {
  ...store,
  watch: async function* (prefix, from, signal) {
    const { revision } = await store.status(signal);
    for await (const one of store.watch(prefix, from, signal)) if (one.revision !== revision - 1) yield one;
  },
};
const judged = broken === 'lostLog' ? losing : store;

writeSync(1, 'open\n');
for await (const line of createInterface({ input: process.stdin })) {
  // All lines that have come are begun in their order, without waiting for each other.
  const told: Told = JSON.parse(line);
  if (told.order.do === 'grant') nextId = told.order.lease;
  void carryOut(judged, clock, told.order).then((answer) => {
    writeSync(1, `${JSON.stringify({ number: told.number, answer })}\n`);
  });
}
