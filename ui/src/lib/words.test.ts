import { expect, test } from 'vitest';
import { fresh, ringCentral } from './backend/memory/scenarios';
import { DAY, HOUR, MINUTE, SECOND } from './time';
import { comingLapse, nextRenewal, timeLeft, users } from './words';

const NOW = 0;

test('the time that a token has left is told, and whether its end is a guess', () => {
  expect(timeLeft(fresh('work', NOW), NOW)).toBe('48 min left');
  expect(timeLeft(fresh('work', NOW, 12 * MINUTE, { expiryAssumed: true }), NOW)).toBe('about 48 min left');
  expect(timeLeft(fresh('work', NOW), HOUR)).toBe('expired');
  expect(timeLeft(ringCentral('work'), NOW)).toBeNull();
});

test('what comes next is a renewal, or another try', () => {
  const account = fresh('work', NOW);
  expect(nextRenewal(account, NOW)).toBe('renews in 38 min');
  expect(nextRenewal({ ...account, nextRenewal: NOW }, NOW)).toBe('renews now');
  expect(nextRenewal({ ...account, state: 'renewing' }, NOW)).toBe('renewing now');
  expect(nextRenewal({ ...account, state: 'failing', nextRenewal: NOW + 40 * SECOND }, NOW)).toBe('tries again in 40 s');
  expect(nextRenewal({ ...account, nextRenewal: null }, NOW)).toBeNull();
});

test('a lapse is told from a week ahead until it has come', () => {
  const lapse = { at: NOW + 7 * DAY, cause: 'session_ends' } as const;
  expect(comingLapse(lapse, NOW - SECOND)).toBeNull();
  expect(comingLapse(lapse, NOW)).toBe('The session ends: sign in again within 7 d.');
  expect(comingLapse(lapse, NOW + 7 * DAY)).toBeNull();
  expect(comingLapse(null, NOW)).toBeNull();
});

test.each([
  ['no_refresh_token', 'There is no refresh token: sign in again within 2 d.'],
  ['refresh_token_ends', 'The refresh token ends: sign in again within 2 d.'],
  ['session_ends', 'The session ends: sign in again within 2 d.'],
  ['assertion_ends', 'The JWT credential ends in 2 d: create a new one.'],
] as const)('a lapse says why, and what to do (%s)', (cause, words) => {
  expect(comingLapse({ at: NOW + 2 * DAY, cause }, NOW)).toBe(words);
});

test('those who use a token are named, with how long they have had it', () => {
  const lease = { holder: 'curl', since: NOW - 2 * MINUTE, until: NOW + MINUTE };
  expect(users([lease, { ...lease, holder: 'report.py', since: NOW }], NOW)).toBe(
    'in use by curl, 2 min; report.py, 0 s',
  );
  expect(users([], NOW)).toBeNull();
});
