/** Projects: one that still has announcements can't be deleted. Making one smaller is allowed: the updater withdraws what it no longer permits. */
import type { ProjectSpec } from '../model/project.ts';
import { projectProblems } from '../model/validate-project.ts';
import { removeProject } from './project-deletion.ts';
import type { ResourceKind } from './resource-store.ts';

export const projects: ResourceKind<ProjectSpec> = {
  kind: 'Project',
  problems: projectProblems,
  removing: removeProject,
};
