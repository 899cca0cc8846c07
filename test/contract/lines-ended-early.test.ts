/** Whoever has seen enough of a list in lines stops reading it, at any moment: nobody gets an error, and the connection serves on. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { createHttpTransport } from '../../src/client/http.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
const uncaught: unknown[] = [];
const note = (error: unknown) => uncaught.push(error);

beforeAll(async () => {
  rig = await startApi();
  process.on('uncaughtException', note);
  const resources = [shop, ...['a', 'b', 'c'].map((name, index) => announcement(name, [`203.0.113.${index}/32`]))];
  expect((await rig.send('POST', '/v1/apply', { resources })).status).toBe(200);
});
afterAll(async () => {
  process.off('uncaughtException', note);
  await rig.close();
});

test('a list that is left after any number of its lines', async () => {
  for (let round = 0; round < 60; round += 1) {
    const transport = createHttpTransport({ url: rig.url, clock: systemClock });
    const client = createClient(transport);
    // On a connection that has been used before, its end comes at another moment.
    if (round % 2 === 0) await client.call(endpoints.projects.get, { params: { name: 'shop' } }, never);
    let seen = 0;
    for await (const _ of client.lines(endpoints.announcements.all, {}, never)) {
      seen += 1;
      if (seen > round % 4) break;
    }
    if (round % 3 !== 0) await client.call(endpoints.version, {}, never);
    transport.close();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(uncaught).toEqual([]);
});
