/** The announcement: prefixes, the next hops that serve them, how those are checked, and which attributes the paths carry. */
import Type, { type Static } from 'typebox';
import { AttributesSpec } from './attributes.ts';
import { HealthCheck } from './health-check.ts';
import { oneOf } from './one-of.ts';
import { Name, type ResourceRecord, resourceInput, resourceOutput } from './resource.ts';

export const NextHopSpec = Type.Object(
  {
    address: Type.String({ maxLength: 45, description: 'Address of the next hop; it is also what is checked.' }),
    zone: Type.Optional(Name),
    attributes: Type.Optional(AttributesSpec),
  },
  {
    title: 'NextHopSpec',
    description: 'One next hop, its zone, and attributes that replace those of the announcement.',
    additionalProperties: false,
  },
);
export type NextHopSpec = Static<typeof NextHopSpec>;

/** One commit holds at most 128 operations: four a prefix when all are exchanged, one a next hop, the object's own, and three for its history. */
export const mostPrefixes = 15;

export const scopes = ['all', 'speakerZone', 'speakerZoneElseAll'] as const;
export const onAllDownWords = ['withdraw', 'hold', 'announceAll'] as const;

export const AnnouncementSpec = Type.Object(
  {
    prefixes: Type.Array(Type.String({ maxLength: 49, description: 'IPv4 or IPv6 prefix.' }), {
      minItems: 1,
      maxItems: mostPrefixes,
      description: 'CIDR, canonical, no host bits; each belongs to one announcement.',
    }),
    nextHops: Type.Array(NextHopSpec, { minItems: 1, maxItems: 64, description: 'Matched to the prefixes by family.' }),
    scope: Type.Optional(
      oneOf(scopes, {
        description:
          'Which next hops a speaker announces: all, those of its zone, or those of its zone and all when the zone has none up. Default all.',
      }),
    ),
    healthCheck: Type.Optional(HealthCheck),
    attributes: Type.Optional(AttributesSpec),
    policy: Type.Optional(
      Type.Object(
        {
          minHealthy: Type.Optional(
            Type.Union([Type.Integer({ minimum: 1, maximum: 64 }), Type.String({ pattern: '^([1-9]\\d?|100)%$' })], {
              description:
                'Fewer healthy next hops than this (count, or share like "50%", rounded up) and onAllDown decides. Default 1.',
            }),
          ),
          onAllDown: Type.Optional(
            oneOf(onAllDownWords, {
              description: 'withdraw, hold what is announced, or announceAll (fail open). Default withdraw.',
            }),
          ),
        },
        { description: 'What happens when few or none of the next hops are healthy.', additionalProperties: false },
      ),
    ),
  },
  {
    title: 'AnnouncementSpec',
    description: 'The prefixes, the next hops that serve them, how those are checked, and what the paths carry.',
    additionalProperties: false,
  },
);
export type AnnouncementSpec = Static<typeof AnnouncementSpec>;
export type AnnouncementRecord = ResourceRecord<AnnouncementSpec>;

export const announcementStates = ['pending', 'announced', 'degraded', 'held', 'withdrawn'] as const;
export type AnnouncementState = (typeof announcementStates)[number];

/** Computed when read, never stored. */
export const AnnouncementStatus = Type.Object(
  {
    state: oneOf(announcementStates, { description: 'Where its paths stand as a whole.' }),
    reason: Type.Optional(Type.String({ description: 'The reason word, when it is not simply announced.' })),
    message: Type.Optional(Type.String({ description: 'The same in a sentence.' })),
    nextHops: Type.Array(
      Type.Object({
        address: Type.String({ description: 'The next hop, as in the spec.' }),
        health: Type.Union(
          [
            Type.Literal('up'),
            Type.Literal('down'),
            Type.Literal('suspect'),
            Type.Literal('unknown'),
            Type.Literal('unchecked'),
          ],
          { description: 'The verdict of its checker; unchecked without a health check.' },
        ),
        fresh: Type.Boolean({ description: 'Whether a live checker stands behind the verdict.' }),
        since: Type.Optional(Type.String({ description: 'When the state was entered, RFC 3339.' })),
        reason: Type.Optional(Type.String({ description: 'Reason word of the deciding probe.' })),
        code: Type.Optional(Type.Integer({ description: 'HTTP status of the deciding probe, where there was one.' })),
        checker: Type.Optional(Type.String({ description: 'Id of the checker that published the verdict.' })),
        path: Type.Union([Type.Literal('announce'), Type.Literal('withdraw'), Type.Literal('keep')], {
          description: 'What is wanted for it.',
        }),
        why: Type.String({ description: 'The reason word of that decision.' }),
      }),
      { description: 'One entry a next hop.' },
    ),
    speakers: Type.Array(
      Type.Object({
        name: Type.String({ description: 'Name of the speaker.' }),
        appliedRevision: Type.Integer({ description: 'Every input up to this store revision is in its RIB.' }),
        current: Type.Boolean({
          description: 'Whether that covers the last change of this announcement and of its health.',
        }),
        exceptions: Type.Array(
          Type.Object({
            prefix: Type.String({ description: 'Prefix of the path.' }),
            nextHop: Type.String({ description: 'Next hop of the path.' }),
            reason: Type.String({ description: 'The reason word.' }),
          }),
          { description: 'Paths of this announcement that are not as wanted there, and why.' },
        ),
      }),
      { description: 'One entry a speaker.' },
    ),
  },
  { title: 'AnnouncementStatus', description: 'Computed when read, never stored.' },
);
export type AnnouncementStatus = Static<typeof AnnouncementStatus>;

export const AnnouncementInput = resourceInput('Announcement', AnnouncementSpec);
export const Announcement = resourceOutput('Announcement', AnnouncementSpec, AnnouncementStatus);
export type Announcement = Static<typeof Announcement>;
