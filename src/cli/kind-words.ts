/** The words by which people name kinds; apart from what understands them, so that help loads quickly. */

export const kindWords = {
  announcements: ['announcement', 'ann', 'a'],
  speakers: ['speaker', 'sp'],
  checkers: ['checker', 'ck'],
  peers: ['peer', 'p'],
  projects: ['project', 'pr'],
  drains: ['drain', 'd'],
  deleted: [],
} as const;
export type KindWord = keyof typeof kindWords;
