/** Policies, in the fields that both generations have alike; the enum numbers that moved come from the caller. */
import { CoreBgpError } from '../../model/errors.ts';
import type { Assignment, DefinedSet, Policy, Statement } from '../policy.ts';

/** Numbers that differ between the generations; typed by each generation's own enums. */
export interface PolicyNumbers<Kind, Match, Change> {
  readonly neighbor: Kind;
  readonly largeCommunity: Kind;
  readonly any: Match;
  readonly add: Change;
  readonly remove: Change;
}

/** Alike in both generations. */
const routeTypes = { internal: 1, external: 2, local: 3 } as const;
const routeActions = { continue: 0, none: 0, accept: 1, reject: 2 } as const;
export const directions = { import: 1, export: 2 } as const;

export function policyInit<Kind, Match, Change>(policy: Policy, numbers: PolicyNumbers<Kind, Match, Change>) {
  return { name: policy.name, statements: policy.statements.map((statement) => statementInit(statement, numbers)) };
}

function statementInit<Kind, Match, Change>(statement: Statement, numbers: PolicyNumbers<Kind, Match, Change>) {
  const { name, neighborSet, largeCommunitySet, routeType, largeCommunities, action } = statement;
  const set = (of: string) => ({ type: numbers.any, name: of });
  return {
    name,
    conditions: {
      ...(neighborSet === undefined ? {} : { neighborSet: set(neighborSet) }),
      ...(largeCommunitySet === undefined ? {} : { largeCommunitySet: set(largeCommunitySet) }),
      ...(routeType === undefined ? {} : { routeType: routeTypes[routeType] }),
    },
    actions: {
      routeAction: routeActions[action],
      ...(largeCommunities === undefined
        ? {}
        : {
            largeCommunity: {
              type: numbers[largeCommunities.op],
              communities: [...largeCommunities.communities],
            },
          }),
    },
  };
}

export function assignmentInit({ direction, policies, defaultAction }: Assignment) {
  return {
    name: 'global',
    direction: directions[direction],
    policies: policies.map((name) => ({ name })),
    defaultAction: routeActions[defaultAction],
  };
}

export function definedSetInit<Kind, Match, Change>(set: DefinedSet, numbers: PolicyNumbers<Kind, Match, Change>) {
  return { definedType: numbers[set.kind], name: set.name, list: [...set.list] };
}

interface StatementFields<Change> {
  readonly name: string;
  readonly conditions?:
    | {
        readonly neighborSet?: { readonly name: string } | undefined;
        readonly largeCommunitySet?: { readonly name: string } | undefined;
        readonly routeType: number;
      }
    | undefined;
  readonly actions?:
    | {
        readonly routeAction: number;
        readonly largeCommunity?: { readonly type: Change; readonly communities: readonly string[] } | undefined;
      }
    | undefined;
}

export function readPolicy<Kind, Match, Change>(
  policy: { readonly name: string; readonly statements: readonly StatementFields<Change>[] } | undefined,
  numbers: PolicyNumbers<Kind, Match, Change>,
): Policy | undefined {
  if (policy === undefined) return undefined;
  return {
    name: policy.name,
    statements: policy.statements.map(({ name, conditions, actions }) => {
      const neighborSet = conditions?.neighborSet?.name ?? '';
      const largeCommunitySet = conditions?.largeCommunitySet?.name ?? '';
      const routeType = wordOf(routeTypes, conditions?.routeType ?? 0);
      const change = actions?.largeCommunity;
      return {
        name,
        ...(neighborSet === '' ? {} : { neighborSet }),
        ...(largeCommunitySet === '' ? {} : { largeCommunitySet }),
        ...(routeType === undefined ? {} : { routeType }),
        ...(change === undefined || change.communities.length === 0
          ? {}
          : {
              largeCommunities: {
                op: change.type === numbers.remove ? 'remove' : 'add',
                communities: change.communities,
              },
            }),
        action: wordOf({ accept: 1, reject: 2 }, actions?.routeAction ?? 0) ?? 'continue',
      };
    }),
  };
}

export function readAssignment(
  assignment:
    | {
        readonly direction: number;
        readonly policies: readonly { readonly name: string }[];
        readonly defaultAction: number;
      }
    | undefined,
): Assignment | undefined {
  if (assignment === undefined) return undefined;
  const direction = wordOf(directions, assignment.direction);
  if (direction === undefined) {
    throw new CoreBgpError('internal', `GoBGP lists a policy assignment of the direction ${assignment.direction}.`);
  }
  return {
    direction,
    policies: assignment.policies.map(({ name }) => name),
    defaultAction: wordOf({ accept: 1, reject: 2 }, assignment.defaultAction) ?? 'none',
  };
}

/** GoBGP makes a regular expression of a community: `1:2:3` is listed as `^1:2:3$`. Members of ours are never patterns. */
export function withoutAnchors(member: string): string {
  return member.replace(/^\^(.*)\$$/, '$1');
}

function wordOf<Word extends string>(words: Readonly<Record<Word, number>>, value: number): Word | undefined {
  for (const word in words) if (words[word] === value) return word;
  return undefined;
}
