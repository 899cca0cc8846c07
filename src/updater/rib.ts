/**
 * The updater's picture of its own paths in the speaker's RIB: the last list, and own acknowledged writes since. It is
 * what desired paths are compared with; a broken stream or a failed write makes it unknown until the next list.
 */
import { type Path, samePath } from '../model/path.ts';
import type { PathOperation, RibPicture } from '../speaker/speaker.ts';

export interface Rib {
  /** Whether the picture still stands; when not, list before deciding anything. */
  known(): boolean;
  forget(): void;
  /** A list is being asked for. Told to forget before it is there, the picture stays unknown: the list may be older. */
  listing(): void;
  /**
   * Takes a list over. `lost` are paths that were known before and are not in it: the daemon was restarted, or somebody
   * removed them by hand. They stay part of `under`, as "announced until evidence says otherwise" (rule 2).
   * `differing` are the prefixes whose paths are not as the picture had them; `all` when there was none.
   */
  listed(picture: RibPicture): { readonly lost: readonly Path[]; readonly differing: ReadonlySet<string> | 'all' };
  /** What is announced, or was and is missing, of one prefix. */
  under(prefix: string): readonly Path[];
  /** Paths known before that the last list did not have; sent again unless evidence withdraws them. */
  missing(prefix: string): readonly Path[];
  /** Own writes, acknowledged by the daemon. */
  acknowledged(operations: readonly PathOperation[]): void;
  prefixes(): Iterable<string>;
  /** Paths that are in the RIB. */
  count(): number;
  foreign(): number;
}

export function createRib(): Rib {
  let known = false;
  let listedOnce = false;
  let forgottenSince = false;
  let foreign = 0;
  let count = 0;
  let present: PathsByPrefix = new Map();
  let missing: PathsByPrefix = new Map();

  return {
    known: () => known,
    forget: () => {
      known = false;
      forgottenSince = true;
    },
    listing: () => {
      forgottenSince = false;
    },
    listed: (picture) => {
      const before = [present, missing];
      present = new Map();
      missing = new Map();
      count = 0;
      for (const path of picture.own) if (put(present, path)) count += 1;
      const lost: Path[] = [];
      for (const [prefix, paths] of before.flatMap((known) => [...known])) {
        const now = present.get(prefix);
        for (const path of paths.values()) if (!now?.has(path.identifier)) lost.push(path);
      }
      for (const path of lost) put(missing, path);
      const differing = listedOnce ? differingPrefixes(before, present) : 'all';
      listedOnce = true;
      foreign = picture.foreign;
      known = !forgottenSince;
      return { lost, differing };
    },
    under: (prefix) => [...(present.get(prefix)?.values() ?? []), ...(missing.get(prefix)?.values() ?? [])],
    missing: (prefix) => [...(missing.get(prefix)?.values() ?? [])],
    acknowledged: (operations) => {
      for (const { op, path } of operations) {
        remove(missing, path);
        if (op === 'announce') count += put(present, path) ? 1 : 0;
        else count -= remove(present, path) ? 1 : 0;
      }
    },
    prefixes: function* () {
      yield* present.keys();
      for (const prefix of missing.keys()) if (!present.has(prefix)) yield prefix;
    },
    count: () => count,
    foreign: () => foreign,
  };
}

/** Within a prefix the identifier names the path (model/path.ts); as a key it spares a text for each of 100k paths. */
type PathsByPrefix = Map<string, Map<number, Path>>;

/** @param before what was present, and what was missing: that differs in any case. */
function differingPrefixes([was, missing]: readonly PathsByPrefix[], now: PathsByPrefix): ReadonlySet<string> {
  const differing = new Set<string>(missing?.keys());
  for (const [prefix, paths] of was ?? []) if (!sameOnes(paths, now.get(prefix))) differing.add(prefix);
  for (const prefix of now.keys()) if (!was?.has(prefix)) differing.add(prefix);
  return differing;
}

function sameOnes(before: ReadonlyMap<number, Path>, now: ReadonlyMap<number, Path> | undefined): boolean {
  if (now?.size !== before.size) return false;
  for (const [identifier, path] of before) {
    const other = now.get(identifier);
    if (other === undefined || !samePath(path, other)) return false;
  }
  return true;
}

/** @returns whether it is new. */
function put(paths: PathsByPrefix, path: Path): boolean {
  const ofPrefix = paths.get(path.prefix);
  if (ofPrefix === undefined) {
    paths.set(path.prefix, new Map([[path.identifier, path]]));
    return true;
  }
  const isNew = !ofPrefix.has(path.identifier);
  ofPrefix.set(path.identifier, path);
  return isNew;
}

/** @returns whether it was there. */
function remove(paths: PathsByPrefix, path: Path): boolean {
  const ofPrefix = paths.get(path.prefix);
  if (ofPrefix === undefined) return false;
  const removed = ofPrefix.delete(path.identifier);
  if (ofPrefix.size === 0) paths.delete(path.prefix);
  return removed;
}
