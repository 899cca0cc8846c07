/**
 * A program that writes to an embedded store and says what was acknowledged: `ack <key> <revision>`, a line each.
 * Arguments: folder, name of the round, number of writes, how many in flight.
 */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';

const [folder = '', round = '', count = '0', inFlight = '1'] = process.argv.slice(2);
const { signal } = new AbortController();
const store = await openEmbeddedStore(folder, {
  clock: systemClock,
  log: silentLog,
  newId: randomUUID,
  keepRevisions: 100_000,
});

let next = 0;
async function writeOn(): Promise<void> {
  while (next < Number(count)) {
    const name = `${round}/${String(next).padStart(6, '0')}`;
    next += 1;
    const value = JSON.stringify({ name, rest: 'x'.repeat(400) });
    // Two keys each, so that half a commit would show.
    const result = await store.commit(
      [{ key: `write/${name}`, createRevision: 0 }],
      [
        { op: 'put', key: `write/${name}`, value },
        { op: 'put', key: `twin/${name}`, value },
      ],
      signal,
    );
    if (!result.committed) throw new Error(`${name} was there before`);
    writeSync(1, `ack write/${name} ${result.revision}\n`);
  }
}
await Promise.all(Array.from({ length: Number(inFlight) }, writeOn));
await store.close();
