import { describe, expect, it } from 'vitest';
import { type Assignment, assignmentWith, neighborSetsFor, neighborSetsOf, policiesOf, renamed } from './policy.ts';

const policy = policiesOf({ asn: 65_000 }).export;
const standing: Assignment = { direction: 'export', policies: [], defaultAction: 'accept' };
const client = { address: '2001:db8::1', asn: 65_000, routeReflectorClient: true };
const external = { address: '192.0.2.1', asn: 65_001, routeReflectorClient: true };

describe('the neighbour sets', () => {
  it('are never empty: GoBGP takes a condition on an empty set as fulfilled', () => {
    for (const { list } of neighborSetsOf(65_000, [])) expect(list).toEqual(['255.255.255.255/32']);
  });

  it('hold each peer where it belongs; an eBGP peer is no route-reflector client', () => {
    expect(neighborSetsFor(65_000, client).map(({ name, list }) => [name, list])).toEqual([
      ['corebgp-peers', ['2001:db8::1/128']],
      ['corebgp-internal-peers', ['2001:db8::1/128']],
      ['corebgp-clients', ['2001:db8::1/128']],
    ]);
    expect(neighborSetsFor(65_000, external).map(({ name, list }) => [name, list])).toEqual([
      ['corebgp-peers', ['192.0.2.1/32']],
    ]);
  });
});

describe('the assignment', () => {
  it('rejects by default where nobody else has a say', () => {
    expect(assignmentWith(policy, standing, false)).toEqual({
      ...standing,
      policies: [policy.name],
      defaultAction: 'reject',
    });
  });

  it('leaves the default and the policies of others, and comes first', () => {
    expect(assignmentWith(policy, { ...standing, policies: ['theirs'] }, false)).toEqual({
      ...standing,
      policies: [policy.name, 'theirs'],
    });
    expect(assignmentWith(policy, standing, true).defaultAction).toBe('accept');
    expect(assignmentWith(policy, { ...standing, direction: 'import' }, false).defaultAction).toBe('accept');
  });

  it('never becomes less strict than it is', () => {
    expect(assignmentWith(policy, { ...standing, defaultAction: 'reject' }, true).defaultAction).toBe('reject');
  });

  it('takes the place of an older policy of ours', () => {
    const older = { ...standing, policies: ['corebgp-export-00000000', 'theirs', 'corebgp-export-00000000-2'] };
    expect(assignmentWith(policy, older, false).policies).toEqual([policy.name, 'theirs']);
  });

  it('keeps apart the statements of two versions, whose names are global in GoBGP', () => {
    const twin = renamed(policy, `${policy.name}-2`);
    const names = [...policy.statements, ...twin.statements].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
