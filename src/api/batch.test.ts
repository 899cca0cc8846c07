import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inMessages, messageSize, mostOfMessage } from './batch.ts';

test('all parts come in their order, in messages of bounded number and size, none of them empty', () => {
  const part = fc.oneof(fc.nat({ max: 5_000 }), fc.nat({ max: 2 * messageSize }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 2_000, size: 'max' }), (parts) => {
      const messages = [...inMessages(parts, (size) => size)];
      expect(messages.flat()).toEqual(parts);
      for (const message of messages) {
        const size = message.reduce((sum, one) => sum + one, 0);
        expect(message.length).toBeGreaterThan(0);
        expect(message.length).toBeLessThanOrEqual(mostOfMessage);
        expect(message.length === 1 || size <= messageSize).toBe(true);
      }
    }),
  );
});
