/** What can be asked for an account, as it stands. */
import type { PageAccount } from './backend/bindings/PageAccount';
import { lives } from './words';

/** A token that lives can be copied, and one that is about to come can be waited for. */
export function canCopy(account: PageAccount, now: number): boolean {
  return lives(account, now) || ['renewing', 'in_doubt', 'failing'].includes(account.state);
}

/** Where nobody is signed in, there is nothing to refresh. */
export function canRefresh(account: PageAccount): boolean {
  return !['loading', 'signed_out', 'sign_in_needed', 'removing'].includes(account.state);
}

/** A sign-in is what the account needs next. */
export function wantsSignIn(account: PageAccount): boolean {
  return account.state === 'signed_out' || account.state === 'sign_in_needed';
}
