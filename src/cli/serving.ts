/** The bodies of the verbs that serve, in one module, for the reason told in client-side.ts. */
export { playground } from './playground.ts';
export { runRole } from './roles.ts';
export { up } from './up.ts';
