import { DAY, HOUR, MINUTE, SECOND } from '../../time';
import type { PageAccount } from '../bindings/PageAccount';
import type { PageEnvFile } from '../bindings/PageEnvFile';
import type { Grant } from '../bindings/Grant';
import { MemoryBackend, signedOut } from '../memory';

/** An account whose token is so old, of an hour's life. */
export function fresh(name: string, now: number, age = 12 * MINUTE, more: Partial<PageAccount> = {}): PageAccount {
  return {
    ...ringCentral(name, more.grant),
    state: 'fresh',
    issuedAt: now - age,
    expiresAt: now - age + HOUR,
    nextRenewal: now - age + 50 * MINUTE,
    ...more,
  };
}

export function ringCentral(name: string, grant: Grant = 'code'): PageAccount {
  return signedOut(name, 'RingCentral', 'platform.ringcentral.com', grant);
}

/** A file that allows both grants. */
export const ENV_FILE: PageEnvFile = {
  id: 1,
  fileName: '.env',
  provider: 'RingCentral',
  server: 'platform.ringcentral.com',
  clientId: 'Kx2mVw8TQ0uY3nPzR5sLdA',
  redirectUri: 'http://localhost:8080/callback',
  hasClientSecret: true,
  hasAssertion: true,
  grants: ['jwt', 'code'],
};

/** What a window can come upon, by name. */
export const SCENARIOS: Record<string, (now: number) => MemoryBackend> = {
  fresh: (now) =>
    new MemoryBackend(
      now,
      [
        fresh('work', now, 12 * MINUTE, {
          leases: [{ holder: 'curl', since: now - 2 * MINUTE, until: now + 5 * MINUTE }],
        }),
        fresh('nightly-report', now, 40 * MINUTE, { grant: 'jwt' }),
        { ...fresh('practice', now, 3 * MINUTE), provider: 'Practice', server: '127.0.0.1:8642' },
      ],
      { startAtLogin: { enabled: false, offer: true } },
    ),
  empty: (now) => new MemoryBackend(now),
  many: (now) => new MemoryBackend(now, Array.from({ length: 100 }, (_, index) => oneOfMany(index, now))),
  trouble: (now) => new MemoryBackend(now, troubled(now), { vault: { state: 'locked' } }),
  absent: (now) =>
    new MemoryBackend(now, [fresh('work', now, 12 * MINUTE, { unsaved: true })], {
      vault: { state: 'absent', why: 'There is no Secret Service on the session bus. Start one, such as gnome-keyring.' },
      problems: ['The configuration config.toml has the key `sign_in.limit` in line 12, which this version of Tokenkeep does not know. It has no effect; check its spelling.'],
    }),
  memory: (now) => new MemoryBackend(now, [fresh('work', now)], { vault: { state: 'memory_only' } }),
  gone: (now) => SCENARIOS['fresh']!(now),
};

function oneOfMany(index: number, now: number): PageAccount {
  const name = `customer-${String(index + 1).padStart(3, '0')}`;
  if (index % 17 === 5) return { ...ringCentral(name), state: 'sign_in_needed', problem: 'The session was ended.' };
  return fresh(name, now, (index * 37 * SECOND) % (45 * MINUTE), { grant: index % 3 === 0 ? 'jwt' : 'code' });
}

function troubled(now: number): PageAccount[] {
  return [
    {
      ...ringCentral('archive'),
      state: 'sign_in_needed',
      problem: 'RingCentral has ended the session (invalid_grant). Sign in again.',
    },
    fresh('billing', now, 57 * MINUTE, {
      state: 'failing',
      nextRenewal: now + 40 * SECOND,
      problem: 'RingCentral cannot be reached: the name platform.ringcentral.com was not found. Check the network; it is tried again by itself.',
    }),
    fresh('callbacks', now, 20 * MINUTE, {
      state: 'in_doubt',
      nextRenewal: now + 5 * SECOND,
      problem: 'It is not known whether the last renewal went through, so the token is not handed out until that is found out; this goes on by itself.',
    }),
    {
      ...ringCentral('dialler', 'jwt'),
      state: 'misconfigured',
      problem: 'RingCentral does not know the client id. Remove the account, and add it again with the client id from the developer console.',
    },
    fresh('errands', now, 50 * MINUTE, { state: 'renewing', nextRenewal: now }),
    fresh('front-desk', now, 5 * MINUTE, {
      unsaved: true,
      lapse: { at: now + 2 * DAY + 3 * HOUR + MINUTE, cause: 'session_ends' },
      leases: [
        { holder: 'curl', since: now - 2 * MINUTE, until: now + 8 * MINUTE },
        { holder: 'report.py', since: now - 12 * SECOND, until: now + MINUTE },
      ],
    }),
    { ...ringCentral('garage'), state: 'loading' },
    ringCentral('helpdesk'),
  ];
}
