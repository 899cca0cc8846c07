/** Makes something happen again and again, so that whoever follows has something to print: records, verdicts, states, events. */
import { setTimeout as delay } from 'node:timers/promises';

const project = {
  kind: 'Project',
  metadata: { name: 'nudges' },
  spec: { prefixes: [{ prefix: '198.51.100.0/24' }], nextHops: ['127.0.0.0/8'] },
};
/** On the announcement that the examples are about, where it exists. */
const drain = { kind: 'Drain', metadata: { name: 'nudge' }, spec: { target: { announcement: 'shop/web' } } };
const everyMs = 500;

/** A next hop that nobody has been seen to check before: its first verdict comes at once. */
const checked = (round: number) => ({
  kind: 'Announcement',
  metadata: { project: 'nudges', name: 'n' },
  spec: {
    prefixes: ['198.51.100.1/32'],
    nextHops: [{ address: `127.0.77.${(round % 250) + 1}` }],
    healthCheck: { type: 'tcp', port: 9, interval: '500ms', timeout: '200ms' },
  },
});

/** Until `done` resolves; leaves nothing behind. */
export async function nudgeUntil(url: string, done: () => boolean, within: number): Promise<void> {
  const send = async (method: string, path: string, body?: object) => {
    const json =
      body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    await (await fetch(`${url}/v1/${path}`, { method, ...json })).text();
  };
  const until = Date.now() + within;
  try {
    for (let round = 0; !done() && Date.now() < until; round += 1) {
      await send('POST', 'apply', { resources: [project, checked(round), ...(round % 2 === 0 ? [drain] : [])] });
      if (round % 2 === 1) await send('DELETE', 'drains/nudge');
      await delay(everyMs);
    }
  } finally {
    for (const path of ['drains/nudge', 'announcements/nudges/n', 'projects/nudges']) await send('DELETE', path);
  }
}
