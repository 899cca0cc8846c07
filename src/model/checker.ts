/** A checker instance, as it shows itself to the others. */
import Type, { type Static } from 'typebox';
import { oneOf } from './one-of.ts';
import { Name } from './resource.ts';

export const checkerStates = ['joining', 'ready', 'draining', 'blind'] as const;

/** At `checkers/<zone>/<id>`, on its lease. Its create-revision is the incarnation. */
export const CheckerRecord = Type.Object(
  {
    v: Type.Literal(1, { description: 'Version of the record.' }),
    id: Type.String({
      pattern: '^[a-z0-9][-a-z0-9]{0,127}$',
      description: 'Configured name and a random boot suffix.',
    }),
    zone: Name,
    state: oneOf(checkerStates, {
      description: 'How far it takes part in the checks.',
    }),
    version: Type.String({ description: 'Version of CoreBGP it runs.' }),
    shards: Type.Optional(Type.Integer({ description: 'Shards held, over all zones.' })),
    tasks: Type.Optional(Type.Integer({ description: 'Tasks it probes.' })),
    lagMs: Type.Optional(
      Type.Number({ description: 'p99 delay of probes behind their schedule since the last heartbeat, milliseconds.' }),
    ),
    ok: Type.Optional(Type.Integer({ description: 'Probes that succeeded since the last heartbeat.' })),
    failed: Type.Optional(Type.Integer({ description: 'Probes that failed since the last heartbeat.' })),
  },
  { title: 'CheckerRecord', description: 'A checker, as it shows itself to the others.' },
);
export type CheckerRecord = Static<typeof CheckerRecord>;
