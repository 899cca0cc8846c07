/** A key with several members, cheap in the usual case of one. */

export interface MultiIndex {
  add(key: string, member: string): void;
  delete(key: string, member: string): void;
  get(key: string): readonly string[];
  keys(): IterableIterator<string>;
}

export function createMultiIndex(): MultiIndex {
  const members = new Map<string, string | Set<string>>();
  return {
    add: (key, member) => {
      const now = members.get(key);
      if (now === undefined) members.set(key, member);
      else if (typeof now === 'string') {
        if (now !== member) members.set(key, new Set([now, member]));
      } else now.add(member);
    },
    delete: (key, member) => {
      const now = members.get(key);
      if (now === undefined) return;
      if (typeof now === 'string') {
        if (now === member) members.delete(key);
        return;
      }
      now.delete(member);
      if (now.size === 0) members.delete(key);
    },
    get: (key) => {
      const now = members.get(key);
      if (now === undefined) return [];
      return typeof now === 'string' ? [now] : [...now];
    },
    keys: () => members.keys(),
  };
}
