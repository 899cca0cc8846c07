/** Announcements: what a write must hold beyond its schema (entitlement, one owner a prefix), and what it leaves behind. */
import type { AnnouncementRecord, AnnouncementSpec } from '../model/announcement.ts';
import { CoreBgpError } from '../model/errors.ts';
import { defaultProject, recordKey } from '../model/resource.ts';
import { announcementProblems } from '../model/validate-announcement.ts';
import { decodeProject } from '../planning/decode.ts';
import { entitled } from '../planning/entitlement.ts';
import { commitLimit } from '../store/store.ts';
import type { Plan, Reader } from './commit.ts';
import type { ApiContext } from './context.ts';
import { unusedOldVerdicts } from './old-verdicts.ts';
import { heldPrefixes, releasePrefixes, takePrefixes } from './prefix-owners.ts';
import { isInForce, markOf, unmarked } from './project-mark.ts';
import type { ResourceKind } from './resource-store.ts';

export const announcements: ResourceKind<AnnouncementSpec> = {
  kind: 'Announcement',
  problems: announcementProblems,

  writing: async (context, { ref, record, before, at }, reader) => {
    const permit = await permission(context, record, before === undefined, reader);
    const held = before === undefined ? new Set<string>() : await heldPrefixes(ref, before.value, reader);
    const wanted = new Set(record.spec.prefixes);
    const taken = await takePrefixes(
      [...wanted].filter((prefix) => !held.has(prefix)),
      ref,
      reader,
    );
    const dropped = [...held].filter((prefix) => !wanted.has(prefix));
    const old = await unusedOldVerdicts(context, record, reader);
    const plan = {
      conditions: [...permit.conditions, ...taken.conditions, ...old.conditions],
      operations: [
        ...permit.operations,
        ...taken.operations,
        ...releasePrefixes(dropped, ref, 'prefixRemoved', at),
        ...old.operations,
      ],
    };
    checkFits(ref, held.size, plan, ofWrite);
    return plan;
  },

  deleting: async (_context, { ref, before, at }, reader) => {
    const held = await heldPrefixes(ref, before.value, reader);
    const plan = { conditions: [], operations: releasePrefixes([...held], ref, 'deleted', at) };
    checkFits(ref, held.size, plan, ofDeletion);
    return plan;
  },
};

/** Operations that come on top: the record, the version before, and two old versions that go; of a deletion the tombstone too. */
const ofWrite = 4;
const ofDeletion = ofWrite + 1;

/**
 * What this version writes always fits. A newer one may have written more prefixes than one commit can release. Several
 * commits would be no way out: a prefix that is released while its announcement still has it can be taken by another
 * one, and its tombstone withdraws paths that are still wanted; one that is released after the announcement is gone is
 * never released if that breaks off in between, as there is nothing left to delete again.
 */
function checkFits(ref: string, prefixes: number, { conditions, operations }: Plan, more: number): void {
  if (operations.length + more <= commitLimit && conditions.length < commitLimit) return;
  throw new CoreBgpError(
    'internal',
    `Announcement "${ref}" holds ${prefixes} prefixes, more than this server can release at once: a newer version wrote it. Change or delete it through a server of that version; nothing was changed.`,
    { reason: 'undecodable' },
  );
}

/** The project as it is read here must still be the same when the write happens. */
async function permission(
  { clock }: ApiContext,
  record: AnnouncementRecord,
  isNew: boolean,
  reader: Reader,
): Promise<Plan> {
  const name = record.metadata.project ?? defaultProject;
  const key = recordKey('Project', name, undefined);
  const stored = await reader.get(key);
  if (stored === undefined) {
    throw new CoreBgpError(
      'notEntitled',
      `There is no project "${name}", so nothing may be announced for it. Create it, with the prefixes and the next hops' CIDRs it may use: corebgp apply -f with kind: Project, metadata: { name: ${name} }, spec: { prefixes: [{ prefix: … }], nextHops: [ … ] }.`,
      { field: 'metadata.project', reason: 'projectUnknown' },
    );
  }
  const project = decodeProject(key, stored.value);
  if (!project.ok) {
    throw new CoreBgpError(
      'internal',
      `The record of project "${name}" can't be read (${project.problem}); apply it again.`,
    );
  }
  const entitlement = entitled(project.record, record);
  if (!entitlement.ok) throw refusal(name, record.spec, entitlement);
  const conditions = [{ key, modRevision: stored.modRevision }];
  const mark = markOf(stored.value);
  if (!isNew || mark === undefined) return { conditions, operations: [] };
  if (isInForce(mark, clock)) {
    throw new CoreBgpError(
      'inUse',
      `Project "${name}" is being deleted, so nothing can be created in it. Create the project again first, or use another.`,
      { field: 'metadata.project', reason: 'projectDeleting' },
    );
  }
  return { conditions, operations: [{ op: 'put', key, value: JSON.stringify(unmarked(stored.value)) }] };
}

function refusal(project: string, spec: AnnouncementSpec, entitlement: ReturnType<typeof entitled>): CoreBgpError {
  const fields = [
    ...spec.prefixes.map((prefix, index) => ({
      field: `spec.prefixes[${index}]`,
      permit: entitlement.prefixes.get(prefix),
    })),
    ...spec.nextHops.map(({ address }, index) => ({
      field: `spec.nextHops[${index}].address`,
      permit: entitlement.nextHops.get(address),
    })),
  ];
  for (const { field, permit } of fields) {
    if (permit === undefined || permit.ok) continue;
    // No project can permit that one.
    const how =
      permit.reason === 'prefixTooShort'
        ? ''
        : ` To change the project: corebgp get project ${project} -o yaml > project.yaml, edit it, corebgp apply -f project.yaml.`;
    const sentence = permit.message.charAt(0).toUpperCase() + permit.message.slice(1);
    return new CoreBgpError('notEntitled', `${sentence}.${how}`, { field, reason: permit.reason });
  }
  return new CoreBgpError('notEntitled', `Project "${project}" does not permit this announcement.`);
}
