/** How large the records of objects may be: checked where a write is planned, so that no object outgrows what its deletion must write. */
import { CoreBgpError } from '../model/errors.ts';
import { mostRecordBytes, type ResourceRecord } from '../model/resource.ts';
import { maxCommitBytes } from '../store/limits.ts';
import { type ObjectName, refOf } from './stored-objects.ts';

/** A former version is the record and a few words on how it ended. */
export const mostVersionBytes = mostRecordBytes + 1024;

/** The rest is for the keys and values of what else a deletion writes: at most 126 small ones. */
export const mostTombstoneBytes = maxCommitBytes - 64 * 1024;

/** @returns the record as it is stored. @throws CoreBgpError `tooLarge` that says what of it is large. */
export function recordText(name: ObjectName, record: ResourceRecord<unknown>): string {
  const text = JSON.stringify(record);
  const size = Buffer.byteLength(text);
  if (size <= mostRecordBytes) return text;
  const { metadata, spec } = record;
  const parts = [
    { field: 'metadata.labels', bytes: bytesOf(metadata.labels), how: 'fewer or shorter labels' },
    { field: 'metadata.annotations', bytes: bytesOf(metadata.annotations), how: 'fewer or shorter annotations' },
    { field: 'spec', bytes: bytesOf(spec), how: 'a smaller spec, or several objects' },
  ];
  const known = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const [first, ...others] = parts.sort((one, other) => other.bytes - one.bytes);
  const what = `${record.kind} "${refOf(name)}" would take ${number(size)} bytes as it is stored, of at most ${number(mostRecordBytes)}`;
  if (first === undefined || size - known > first.bytes) {
    throw new CoreBgpError(
      'tooLarge',
      `${what}, most of them in fields that a newer version wrote; change it through a server of that version.`,
    );
  }
  const also = others.map(({ field, bytes }) => `${field} ${number(bytes)}`).join(', ');
  throw new CoreBgpError(
    'tooLarge',
    `${what}: ${first.field} takes ${number(first.bytes)} of them (${also}); give it ${first.how}. What is no ASCII takes two to four bytes a character.`,
    { field: first.field },
  );
}

/**
 * JSON of what keeps a record; without the record when it would be larger than that. Only records that an older version
 * wrote can be so large, and they must not stand in the way of their own change or deletion.
 */
export function keepingText<Kept extends { readonly record: unknown }>(kept: Kept, mostBytes: number): string {
  const text = JSON.stringify(kept);
  return Buffer.byteLength(text) <= mostBytes ? text : JSON.stringify({ ...kept, record: null });
}

function bytesOf(part: unknown): number {
  return part === undefined ? 0 : Buffer.byteLength(JSON.stringify(part));
}

const number = (value: number) => value.toLocaleString('en-US');
