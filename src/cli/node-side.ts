/** The verbs of a node that take its configuration, in one module, for the reason told in client-side.ts. */
export { verb as config } from './config.ts';
export { verb as doctor } from './doctor.ts';
export { backend, verb as playground } from './playground-verb.ts';
export { api, checker, up, updater } from './role-verbs.ts';
