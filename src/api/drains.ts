/** Drains have nothing beyond their record; the updaters act on it. */
import type { DrainSpec } from '../model/drain.ts';
import { drainProblems } from '../model/validate-drain.ts';
import type { ResourceKind } from './resource-store.ts';

export const drains: ResourceKind<DrainSpec> = { kind: 'Drain', problems: drainProblems };
