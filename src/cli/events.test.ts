import { expect, test } from 'vitest';
import { runIn } from '../../test/rig/shell.ts';
import type { Event } from '../contract/event-endpoints.ts';
import type { StreamMessage } from '../contract/stream.ts';
import { CoreBgpError } from '../model/errors.ts';
import { eventId } from '../model/event.ts';
import { Interrupted } from '../runtime/shutdown.ts';

const event = (revision: number, more: Partial<Event> = {}): Event => ({
  v: 1,
  id: eventId(revision, 0),
  revision,
  at: '2026-01-02T03:04:05.678Z',
  kind: 'pathWithdrawn',
  object: 'rr1',
  prefix: '2001:db8::10/128',
  reason: 'nextHopDown',
  message: `rr1 withdrew 2001:db8::10/128, number ${revision}.`,
  ...more,
});
/** Written at once, or some revisions after what it tells of. */
const put = ({ id, revision, ...record }: Event, later = 0) =>
  ({
    op: 'put',
    key: `events/${id}`,
    createRevision: revision + later,
    modRevision: revision + later,
    value: record,
  }) as const;
const gone = new CoreBgpError('unavailable', 'It went away.');

/** Each connection plays its part; an error breaks it, the end of the last one is Ctrl-C. */
async function play(parts: readonly (readonly (StreamMessage | CoreBgpError)[])[], ...words: string[]) {
  const controller = new AbortController();
  let connection = 0;
  async function* stream(): AsyncGenerator<StreamMessage> {
    const part = parts[connection] ?? [];
    connection += 1;
    for (const message of part) {
      if (message instanceof CoreBgpError) throw message;
      yield message;
    }
    controller.abort(new Interrupted('SIGINT'));
    throw controller.signal.reason;
  }
  const answer = () => ({ revision: 7, events: [event(5), event(6, { kind: 'peerDown', message: 'A\u001b[2J' })] });
  return await runIn({ signal: controller.signal, stream, answer }, 'events', ...words);
}

test('each event is a line, the oldest first, and what others wrote does not command the terminal', async () => {
  const { code, out, requests } = await play([], '--object', 'rr1', '--prefix', '2001:db8::10/128');
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    '2026-01-02 03:04:05  pathWithdrawn   rr1 withdrew 2001:db8::10/128, number 5.',
    '2026-01-02 03:04:05  peerDown        A?[2J',
    '',
  ]);
  expect(requests[0]?.query).toEqual({ object: 'rr1', prefix: '2001:db8::10/128', limit: '100' });
});

test('following goes on after the answer, filters, and shows each once though the connection breaks and starts over', async () => {
  const { code, out, err, requests } = await play(
    [
      [
        { type: 'synced', revision: 7, storeId: 's' },
        { type: 'changes', revision: 9, changes: [put(event(8)), put(event(9, { object: 'other' }))] },
        { type: 'changes', revision: 10, changes: [{ op: 'delete', key: `events/${eventId(1, 0)}` }] },
        gone,
      ],
      [new CoreBgpError('compacted', 'Too old.')],
      [
        { type: 'state', changes: [event(5), event(8), event(11)].map((one) => put(one)) },
        { type: 'synced', revision: 12, storeId: 's' },
      ],
    ],
    '--object',
    'rr1',
    '-f',
  );
  expect(code).toBe(130);
  expect(out.match(/number \d+/g)).toEqual(['number 5', 'number 8', 'number 11']);
  expect(requests.slice(1).map(({ query }) => query)).toEqual([
    { kinds: 'events', since: '7' },
    { kinds: 'events', since: '10' },
    { kinds: 'events' },
  ]);
  expect(err).toBe('note: It went away. Connecting again.\nnote: Too old. Connecting again.\n');
});

test('an event of something before the answer, written after it, is shown: from changes, and from a state', async () => {
  const { out } = await play(
    [
      [{ type: 'changes', revision: 8, changes: [put(event(7), 1)] }, new CoreBgpError('compacted', 'Too old.')],
      [
        {
          type: 'state',
          changes: [
            put(event(5), 1),
            put(event(6)),
            put(event(7), 1),
            put(event(7, { id: eventId(7, 1), message: 'number 7b' }), 2),
          ],
        },
        { type: 'synced', revision: 9, storeId: 's' },
      ],
    ],
    '-f',
  );
  expect(out.match(/number \w+/g)).toEqual(['number 5', 'number 7', 'number 7b']);
});

test('JSON is one event a line; a kind or a limit that does not exist is refused', async () => {
  const { out } = await play([], '-o', 'json');
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id),
  ).toEqual([eventId(5, 0), eventId(6, 0)]);
  expect((await play([], '--kind', 'nextHopDwn')).err).toContain('Did you mean "nextHopDown"?');
  expect((await play([], '--limit', '0')).err).toContain('--limit is "0"');
});
