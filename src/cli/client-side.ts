/**
 * The verbs that ask an API server and what they reach it with, in one module: bundled apart, what they share would be
 * cut into thirty small files, and loading those takes longer than loading all of this.
 */
export { createHttpTransport } from '../client/http.ts';
export { runInForeground } from '../runtime/foreground.ts';
export { verb as apply } from './apply.ts';
export { complete } from './complete.ts';
export { verb as completion } from './completion.ts';
export { verb as remove } from './delete.ts';
export { verb as diff } from './diff.ts';
export { drain, undrain } from './drain.ts';
export { verb as edit } from './edit.ts';
export { verb as events } from './events.ts';
export { verb as explain } from './explain.ts';
export { verb as get } from './get.ts';
export { verb as history } from './history.ts';
export { verb as label } from './label.ts';
export { serverVersion } from './server-version.ts';
export { verb as undelete } from './undelete.ts';
export { verb as wait } from './wait.ts';
export { verb as watch } from './watch.ts';
