import { expect, test } from 'vitest';
import type { PeerSpec } from './peer.ts';
import { peerProblems } from './validate-peer.ts';

const one = (problems: readonly { field: string; problem: string }[]) => {
  expect(problems).toHaveLength(1);
  return problems[0] ?? { field: '', problem: '' };
};

const peer: PeerSpec = { address: '192.0.2.1', asn: 64512 };
test.each([
  [peer],
  [{ address: '2001:db8::1', sourceAddress: '2001:db8::2', asn: 1, timers: { holdTime: '3s', keepalive: '1s' } }],
  [{ ...peer, address: '127.0.0.1', sourceAddress: '127.0.0.2', speakers: ['a', 'rr-1'] }],
  [{ ...peer, timers: { connectRetry: '1s', keepalive: '29s' } }],
  [{ ...peer, timers: { holdTime: '1.5m' } }],
] satisfies [PeerSpec][])('a peer may be %j', (spec) => expect(peerProblems(spec)).toEqual([]));

test.each([
  [{ ...peer, address: 'rr1.example' }, 'spec.address', 'not an IP'],
  [{ ...peer, address: '2001:DB8::1' }, 'spec.address', '"2001:db8::1"'],
  [{ ...peer, address: '0.0.0.0' }, 'spec.address', 'unspecified'],
  [{ ...peer, address: '::' }, 'spec.address', 'unspecified'],
  [{ ...peer, address: 'fe80::1' }, 'spec.address', 'link-local'],
  [{ ...peer, address: '224.0.0.5' }, 'spec.address', 'multicast'],
  [{ ...peer, sourceAddress: '2001:db8::2' }, 'spec.sourceAddress', 'different families'],
  [{ ...peer, sourceAddress: '192.0.2.2/32' }, 'spec.sourceAddress', 'is a prefix'],
  [{ ...peer, timers: { holdTime: '2s' } }, 'spec.timers.holdTime', 'from 3s'],
  [{ ...peer, timers: { holdTime: '3500ms' } }, 'spec.timers.holdTime', 'whole seconds'],
  [{ ...peer, timers: { holdTime: '1d' } }, 'spec.timers.holdTime', '65535s'],
  [{ ...peer, timers: { connectRetry: '500ms' } }, 'spec.timers.connectRetry', 'from 1s'],
  [{ ...peer, timers: { keepalive: '0s' } }, 'spec.timers.keepalive', 'from 1s'],
  [{ ...peer, timers: { keepalive: '30s' } }, 'spec.timers.keepalive', 'below the hold time 30s'],
  [{ ...peer, timers: { holdTime: '9s', keepalive: '9s' } }, 'spec.timers.keepalive', 'below the hold time 9s'],
  [{ ...peer, speakers: ['a', 'B'] }, 'spec.speakers[1]', 'no speaker'],
] satisfies [PeerSpec, string, string][])('a peer may not be %j', (spec, field, words) => {
  const found = one(peerProblems(spec));
  expect(found.field).toBe(field);
  expect(found.problem).toContain(words);
});
