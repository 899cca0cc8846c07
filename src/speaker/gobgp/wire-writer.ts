/** Writes protobuf bytes straight into one growing buffer: generated code takes ten times as long for 100k paths. */

export interface WireWriter {
  uint(field: number, value: number): void;
  /** ASCII only: addresses and names of types. */
  text(field: number, value: string): void;
  bytes(field: number, value: Uint8Array): void;
  /** A length-delimited field (message or packed list) whose content `write` writes. */
  inside(field: number, write: () => void): void;
  varint(value: number): void;
  /** Fields that were written elsewhere. */
  raw(bytes: Uint8Array): void;
  /** What was written so far, in a copy. */
  finish(): Uint8Array;
}

export function createWireWriter(): WireWriter {
  let buffer = Buffer.allocUnsafe(64 * 1024);
  let at = 0;

  function room(bytes: number): void {
    if (at + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + bytes));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  }

  /** Unsigned, up to 2⁵³. */
  function varint(value: number): void {
    room(10);
    let rest = value;
    while (rest > 127) {
      buffer[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    buffer[at++] = rest;
  }

  const lengthDelimited = (field: number): void => varint(field * 8 + 2);

  return {
    varint,
    uint(field, value) {
      varint(field * 8);
      varint(value);
    },
    text(field, value) {
      lengthDelimited(field);
      varint(value.length);
      room(value.length);
      at += buffer.write(value, at, 'latin1');
    },
    bytes(field, value) {
      lengthDelimited(field);
      varint(value.length);
      room(value.length);
      buffer.set(value, at);
      at += value.length;
    },
    raw(bytes) {
      room(bytes.length);
      buffer.set(bytes, at);
      at += bytes.length;
    },
    inside(field, write) {
      lengthDelimited(field);
      // One byte for the length is enough nearly always; a longer content is moved.
      room(1);
      const lengthAt = at;
      at += 1;
      write();
      const length = at - lengthAt - 1;
      if (length < 128) {
        buffer[lengthAt] = length;
        return;
      }
      const end = at;
      const lengthBytes = length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4;
      room(lengthBytes);
      buffer.copyWithin(lengthAt + lengthBytes, lengthAt + 1, end);
      at = lengthAt;
      varint(length);
      at = end + lengthBytes - 1;
    },
    finish: () => Uint8Array.prototype.slice.call(buffer, 0, at),
  };
}
