import { describe, expect, it } from 'vitest';
import { reasonOf } from './failure.ts';
import { isConclusive } from './probe.ts';

const failing = (code: string) => Object.assign(new Error(code), { code });

describe('reasonOf', () => {
  it.each([
    ['ECONNREFUSED', 'connectionRefused'],
    ['EHOSTUNREACH', 'hostUnreachable'],
    ['ENETUNREACH', 'hostUnreachable'],
    ['ETIMEDOUT', 'timeout'],
    ['ECONNRESET', 'connectionReset'],
    ['EPIPE', 'connectionReset'],
    ['HPE_INVALID_CONSTANT', 'protocolError'],
  ])('takes %s for %s', (code, reason) => {
    expect(reasonOf(failing(code))).toBe(reason);
  });

  it.each(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM', 'EPERM', 'EACCES', 'EINVAL', 'ENEWLYINVENTED'])(
    'never counts %s, the trouble of the checker itself, against the target',
    (code) => {
      const reason = reasonOf(failing(code));
      expect(isConclusive({ ok: false, reason, rttMs: 0, detail: '' })).toBe(false);
    },
  );
});
