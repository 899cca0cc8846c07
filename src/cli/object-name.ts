/** What people's words name: a kind as `ann` or `announcements`; an object as `shop/web`, or as `web` and a project. */

import { CoreBgpError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import { defaultProject, namePattern } from '../model/resource.ts';
import { type KindWord, kindWords } from './kind-words.ts';

/** @throws CoreBgpError `invalid` that lists what there is. */
export function kindFrom(word: string, allowed: readonly KindWord[]): KindWord {
  const lower = word.toLowerCase();
  const found = allowed.find((kind) => kind === lower || kindWords[kind].some((alias) => alias === lower));
  if (found !== undefined) return found;
  const meant = nearest(word, allowed);
  const hint = meant === undefined ? `There are: ${allowed.join(', ')}.` : `Did you mean "${meant}"?`;
  throw new CoreBgpError('invalid', `"${word}" is no kind that can be used here. ${hint}`);
}

export interface ProjectName {
  readonly project: string;
  readonly name: string;
}

/** `shop/web`, or `web` in the given project or `default`. @throws CoreBgpError `invalid`. */
export function projectNameFrom(text: string, project: string | undefined): ProjectName {
  const parts = text.split('/');
  const [first = '', second, ...rest] = parts;
  if (rest.length > 0) throw new CoreBgpError('invalid', `"${text}" is no name; write it as "project/name".`);
  if (second === undefined) return { project: plainName(project ?? defaultProject), name: plainName(first) };
  if (project !== undefined && project !== first) {
    throw new CoreBgpError('invalid', `"${text}" names the project "${first}", but --project says "${project}".`);
  }
  return { project: plainName(first), name: plainName(second) };
}

/** @throws CoreBgpError `invalid` when it can't be a name. */
export function plainName(text: string): string {
  if (new RegExp(namePattern).test(text)) return text;
  throw new CoreBgpError(
    'invalid',
    `"${text}" can't be a name: names have lower-case letters, digits and "-", at most 63 characters.`,
  );
}
