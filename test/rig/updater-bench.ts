import type { AnnouncementRecord, AnnouncementSpec } from '../../src/model/announcement.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { Speaker } from '../../src/speaker/speaker.ts';
import type { PathChanges } from '../../src/updater/path-changes.ts';
import { createReconciler, type Reconciler } from '../../src/updater/reconcile.ts';
import { createRib, type Rib } from '../../src/updater/rib.ts';
import { createView, type View } from '../../src/updater/view.ts';
import { announcementWrite, createModelMirror, type ModelMirror } from './model-mirror.ts';
import { createModelSpeaker, type ModelSpeaker } from './model-speaker.ts';
import { permitsAll, recordOf } from './planning.ts';

export const identity = { name: 'rr1', asn: 64_512, routerId: '192.0.2.1', listenPort: 179, listenAddresses: [] };
export const never = new AbortController().signal;
/** Passes that must be enough once nothing fails any more. */
export const enough = 2;

export interface Bench {
  readonly mirror: ModelMirror;
  readonly speaker: ModelSpeaker;
  readonly rib: Rib;
  readonly reconciler: Reconciler;
}

/** Parts as they are, or deliberately wrong. */
export interface Parts {
  readonly speaker?: (good: Speaker) => Speaker;
  readonly rib?: (good: Rib) => Rib;
  readonly view?: (good: View) => View;
  readonly changes?: PathChanges;
}

export function stage(parts: Parts = {}): Bench {
  const mirror = createModelMirror();
  const speaker = createModelSpeaker(identity);
  const goodRib = createRib();
  const rib = parts.rib?.(goodRib) ?? goodRib;
  const goodView = createView(mirror, () => {});
  const reconciler = createReconciler({
    speaker: parts.speaker?.(speaker) ?? speaker,
    planned: { name: identity.name, zone: 'default', asn: identity.asn },
    view: parts.view?.(goodView) ?? goodView,
    rib,
    clock: systemClock,
    log: silentLog,
    ...(parts.changes === undefined ? {} : { changes: parts.changes }),
  });
  mirror.write({ 'projects/shop': recordOf('Project', 'shop', permitsAll) });
  return { mirror, speaker, rib, reconciler };
}

export const paths = (speaker: ModelSpeaker) =>
  [...speaker.rib.values()].map(({ prefix, nextHop }) => `${prefix} ${nextHop}`).sort();
export const announcement = (spec: AnnouncementSpec, name = 'web') => recordOf('Announcement', name, spec, 'shop');
export const write = (mirror: ModelMirror, record: AnnouncementRecord | undefined, name = 'web') =>
  mirror.write(announcementWrite(mirror, `announcements/shop/${name}`, record));
export const check = { type: 'tcp', port: 80 } as const;
export const dual: AnnouncementSpec = {
  prefixes: ['203.0.113.10/32', '2001:db8::10/128'],
  nextHops: [{ address: '10.0.1.11' }, { address: '10.0.1.12' }, { address: '2001:db8:1::11' }],
};
export const allOfDual = [
  '2001:db8::10/128 2001:db8:1::11',
  '203.0.113.10/32 10.0.1.11',
  '203.0.113.10/32 10.0.1.12',
] as const;
