/** Every verb with its summary; its file is loaded only when it is the one that was asked for. */
import type { Verb } from './verb.ts';

export interface CommandRow {
  readonly name: string;
  readonly summary: string;
  readonly group: string;
  /** Not for people: left out of help and reference. */
  readonly hidden?: true;
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
    load: async () => (await import('./apply.ts')).verb,
  },
  {
    name: 'get',
    summary: 'show announcements, speakers, checkers, peers, projects or drains',
    group: operate,
    load: async () => (await import('./get.ts')).verb,
  },
  {
    name: 'explain',
    summary: "tell why an announcement's paths are where they are",
    group: operate,
    load: async () => (await import('./explain.ts')).verb,
  },
  {
    name: 'watch',
    summary: 'print every change as it comes',
    group: operate,
    load: async () => (await import('./watch.ts')).verb,
  },
  {
    name: 'drain',
    summary: 'take a next hop, announcement, zone or speaker out of service',
    group: operate,
    load: async () => (await import('./drain.ts')).drain,
  },
  {
    name: 'undrain',
    summary: 'put it back into service',
    group: operate,
    load: async () => (await import('./drain.ts')).undrain,
  },
  {
    name: 'delete',
    summary: 'delete one object',
    group: operate,
    load: async () => (await import('./delete.ts')).verb,
  },
  {
    name: 'up',
    summary: 'run everything on this machine: API, checker, updater and gobgpd',
    group: serve,
    load: async () => (await import('./role-verbs.ts')).up,
  },
  {
    name: 'api',
    summary: 'run the API server',
    group: serve,
    load: async () => (await import('./role-verbs.ts')).api,
  },
  {
    name: 'checker',
    summary: 'run a checker',
    group: serve,
    load: async () => (await import('./role-verbs.ts')).checker,
  },
  {
    name: 'updater',
    summary: 'run the updater of a speaker',
    group: serve,
    load: async () => (await import('./role-verbs.ts')).updater,
  },
  {
    name: 'config',
    summary: 'print the effective configuration and where each value came from',
    group: serve,
    load: async () => (await import('./config.ts')).verb,
  },
  {
    name: 'playground',
    summary: 'try CoreBGP: two backends and a BIRD router on this machine',
    group: learn,
    load: async () => (await import('./playground-verb.ts')).verb,
  },
  {
    name: 'playground-backend',
    hidden: true,
    summary: "run one of the playground's backends: answers 200 until it is killed",
    group: learn,
    load: async () => (await import('./playground-verb.ts')).backend,
  },
  {
    name: 'version',
    summary: 'print the version',
    group: learn,
    load: async () => (await import('./version.ts')).verb,
  },
];
