import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createAborts } from './aborts.ts';

describe('aborts', () => {
  test('reach everybody through one listener', () => {
    const aborts = createAborts();
    const controller = new AbortController();
    const heard: unknown[] = [];
    const hear = (reason: unknown) => heard.push(reason);
    for (let count = 0; count < 20; count += 1) aborts.onAbort(controller.signal, hear);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort('enough');
    expect(heard).toEqual(Array.from({ length: 20 }, () => 'enough'));
  });

  test('leave no listener when the last one is gone, and start anew after that', () => {
    const aborts = createAborts();
    const { signal } = new AbortController();
    const one = aborts.onAbort(signal, () => {});
    const two = aborts.onAbort(signal, () => {});
    one();
    one();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    two();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    const three = aborts.onAbort(signal, () => {});
    two();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    three();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
