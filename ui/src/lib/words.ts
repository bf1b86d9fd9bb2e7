/** What the page says of an account and of the keeper. */
import type { PageAccount } from './backend/bindings/PageAccount';
import type { Grant } from './backend/bindings/Grant';
import type { PageLapse } from './backend/bindings/PageLapse';
import type { PageLease } from './backend/bindings/PageLease';
import { LAPSE_SHOWN, LAPSES, LEFT } from './backend/bindings/standings';
import { inWords } from './time';

/** How an account signs in: as a short name, and as something to choose. */
export const GRANT_WORDS: Record<Grant, { name: string; choice: string }> = {
  code: { name: "person's sign-in", choice: 'A person signs in' },
  jwt: { name: 'JWT', choice: 'With the JWT, by itself' },
};

/** Whether there is an access token that still lives. */
export function lives(account: PageAccount, now: number): boolean {
  return account.expiresAt !== null && account.expiresAt > now;
}

/** How long the access token lives, if there is one. */
export function timeLeft(account: PageAccount, now: number): string | null {
  if (account.expiresAt === null) return null;
  if (!lives(account, now)) return 'expired';
  const left = inWords(account.expiresAt - now);
  return account.expiryAssumed ? `about ${left} left` : `${left} left`;
}

/** What happens next by itself. */
export function nextRenewal(account: PageAccount, now: number): string | null {
  if (account.state === 'renewing') return 'renewing now';
  if (account.nextRenewal === null) return null;
  const verb = account.state === 'fresh' || account.state === 'loading' ? 'renews' : 'tries again';
  const ahead = account.nextRenewal - now;
  return ahead < 1000 ? `${verb} now` : `${verb} in ${inWords(ahead)}`;
}

/** A lapse that is near, and what to do about it. */
export function comingLapse(lapse: PageLapse | null, now: number): string | null {
  if (!lapse || lapse.at <= now || lapse.at - now > LAPSE_SHOWN) return null;
  return LAPSES[lapse.cause].replace(LEFT, inWords(lapse.at - now));
}

/** Who uses the token. */
export function users(leases: PageLease[], now: number): string | null {
  if (leases.length === 0) return null;
  const each = leases.map((lease) => `${lease.holder}, ${inWords(now - lease.since)}`);
  return `in use by ${each.join('; ')}`;
}
