/** Every verb with its summary; the module it is in is loaded only when it is the one that was asked for. */
import type { Verb } from './verb.ts';

export interface CommandRow {
  readonly name: string;
  readonly summary: string;
  readonly group: string;
  /** Not for people: left out of help and reference. */
  readonly hidden?: true;
  /** Nothing is left for it to do once nobody takes what it prints. */
  readonly onlyReads?: true;
  readonly load: () => Promise<Verb>;
}

const operate = 'Operate:';
const serve = 'Serve:';
const learn = 'Learn:';

export const commands: readonly CommandRow[] = [
  {
    name: 'apply',
    summary: 'create or replace what files describe',
    group: operate,
    load: async () => (await import('./client-side.ts')).apply,
  },
  {
    name: 'diff',
    summary: 'tell what apply would change, and exit with 1 if it would change anything',
    group: operate,
    load: async () => (await import('./client-side.ts')).diff,
  },
  {
    name: 'get',
    onlyReads: true,
    summary: 'show announcements, speakers, checkers, peers, projects, drains or what was deleted',
    group: operate,
    load: async () => (await import('./client-side.ts')).get,
  },
  {
    name: 'explain',
    onlyReads: true,
    summary: "tell why an announcement's paths are where they are",
    group: operate,
    load: async () => (await import('./client-side.ts')).explain,
  },
  {
    name: 'watch',
    onlyReads: true,
    summary: 'print every change as it comes',
    group: operate,
    load: async () => (await import('./client-side.ts')).watch,
  },
  {
    name: 'events',
    onlyReads: true,
    summary: 'tell what happened, and what happens',
    group: operate,
    load: async () => (await import('./client-side.ts')).events,
  },
  {
    name: 'wait',
    summary: 'wait until an object is as wanted',
    group: operate,
    load: async () => (await import('./client-side.ts')).wait,
  },
  {
    name: 'edit',
    summary: 'change one object in the editor',
    group: operate,
    load: async () => (await import('./client-side.ts')).edit,
  },
  {
    name: 'label',
    summary: 'set and remove labels of one object',
    group: operate,
    load: async () => (await import('./client-side.ts')).label,
  },
  {
    name: 'drain',
    summary: 'take a next hop, announcement, zone or speaker out of service',
    group: operate,
    load: async () => (await import('./client-side.ts')).drain,
  },
  {
    name: 'undrain',
    summary: 'put it back into service',
    group: operate,
    load: async () => (await import('./client-side.ts')).undrain,
  },
  {
    name: 'delete',
    summary: 'delete one object',
    group: operate,
    load: async () => (await import('./client-side.ts')).remove,
  },
  {
    name: 'undelete',
    summary: 'restore a deleted object as it was',
    group: operate,
    load: async () => (await import('./client-side.ts')).undelete,
  },
  {
    name: 'history',
    onlyReads: true,
    summary: 'tell what changed with each version of an object, or who had a prefix',
    group: operate,
    load: async () => (await import('./client-side.ts')).history,
  },
  {
    name: 'up',
    summary: 'run everything on this machine: API, checker, updater and gobgpd',
    group: serve,
    load: async () => (await import('./node-side.ts')).up,
  },
  {
    name: 'api',
    summary: 'run the API server',
    group: serve,
    load: async () => (await import('./node-side.ts')).api,
  },
  {
    name: 'checker',
    summary: 'run a checker',
    group: serve,
    load: async () => (await import('./node-side.ts')).checker,
  },
  {
    name: 'updater',
    summary: 'run the updater of a speaker',
    group: serve,
    load: async () => (await import('./node-side.ts')).updater,
  },
  {
    name: 'doctor',
    summary: 'tell what is missing, wrong or unreachable, and the fix',
    group: operate,
    load: async () => (await import('./node-side.ts')).doctor,
  },
  {
    name: 'config',
    summary: 'print the effective configuration and where each value came from',
    group: serve,
    load: async () => (await import('./node-side.ts')).config,
  },
  {
    name: 'playground',
    summary: 'try CoreBGP: two backends and a BIRD router on this machine',
    group: learn,
    load: async () => (await import('./node-side.ts')).playground,
  },
  {
    name: 'playground-backend',
    hidden: true,
    summary: "run one of the playground's backends: answers 200 until it is killed",
    group: learn,
    load: async () => (await import('./node-side.ts')).backend,
  },
  {
    name: 'completion',
    summary: 'print the script by which bash, zsh or fish completes corebgp',
    group: learn,
    load: async () => (await import('./client-side.ts')).completion,
  },
  {
    name: 'version',
    summary: 'print the version',
    group: learn,
    load: async () => (await import('./version.ts')).verb,
  },
];
