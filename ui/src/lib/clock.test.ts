import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Clock } from './clock.svelte';
import { MINUTE, SECOND } from './time';

let hidden = false;

beforeEach(() => {
  vi.useFakeTimers({ now: 500 });
  hidden = false;
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function becomes(nowHidden: boolean) {
  hidden = nowHidden;
  document.dispatchEvent(new Event('visibilitychange'));
}

test('it ticks with each full second, by one timer', () => {
  const clock = new Clock();
  const stop = clock.run();
  vi.advanceTimersByTime(500);
  expect(clock.now).toBe(SECOND);
  vi.advanceTimersByTime(3 * SECOND);
  expect(clock.now).toBe(4 * SECOND);
  expect(vi.getTimerCount()).toBe(1);
  stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('it rests while the page cannot be seen, and is right at once when it can be', () => {
  const clock = new Clock();
  const stop = clock.run();
  becomes(true);
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(MINUTE);
  expect(clock.now).toBe(500);
  becomes(false);
  expect(clock.now).toBe(MINUTE + 500);
  expect(vi.getTimerCount()).toBe(1);
  stop();
});
