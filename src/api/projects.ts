/** Projects: one that still has announcements can't be deleted. Making one smaller is allowed: the updater withdraws what it no longer permits. */
import { CoreBgpError } from '../model/errors.ts';
import type { ProjectSpec } from '../model/project.ts';
import { projectProblems } from '../model/validate-project.ts';
import type { ResourceKind } from './resource-store.ts';

export const projects: ResourceKind<ProjectSpec> = {
  kind: 'Project',
  problems: projectProblems,
  /**
   * An announcement created between this look and the deletion gets through. It then belongs to no project, which
   * permits nothing: its paths stay absent, and say so (`projectUnknown`).
   */
  deleting: async ({ store }, { ref }, _reader, signal) => {
    const { entries } = await store.list(`announcements/${ref}/`, { limit: 1 }, signal);
    const [first] = entries;
    if (first === undefined) return { conditions: [], operations: [] };
    const name = first.key.slice('announcements/'.length);
    throw new CoreBgpError(
      'inUse',
      `Project "${ref}" still has announcements, such as "${name}"; delete them first, then the project.`,
      { reason: 'inUse' },
    );
  },
};
