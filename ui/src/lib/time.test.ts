import { expect, test } from 'vitest';
import { DAY, HOUR, inWords, MINUTE, SECOND, shareLeft } from './time';

test.each([
  [0, '0 s'],
  [-5 * SECOND, '0 s'],
  [58 * SECOND, '58 s'],
  [58 * SECOND + 999, '58 s'],
  [MINUTE, '1 min'],
  [118 * SECOND, '1 min 58 s'],
  [42 * MINUTE, '42 min'],
  [HOUR, '1 h'],
  [65 * MINUTE, '1 h 5 min'],
  [DAY, '1 d'],
  [DAY + 59 * MINUTE, '1 d'],
  [2 * DAY + 3 * HOUR + 4 * MINUTE, '2 d 3 h'],
])('a duration is told in its two largest units, rounded down (%d)', (duration, words) => {
  expect(inWords(duration)).toBe(words);
});

test('from two minutes on the words stay the same within a minute', () => {
  const words = new Set<string>();
  for (let second = 0; second < 60; second += 1) words.add(inWords(2 * MINUTE + second * SECOND));
  expect([...words]).toEqual(['2 min']);
});

test('what is left stays between nothing and all of it', () => {
  expect(shareLeft(0, HOUR, 15 * MINUTE)).toBe(0.75);
  expect(shareLeft(0, HOUR, -MINUTE)).toBe(1);
  expect(shareLeft(0, HOUR, 2 * HOUR)).toBe(0);
  expect(shareLeft(HOUR, HOUR, 0)).toBe(0);
});
