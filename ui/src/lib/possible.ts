/** What can be asked for an account, as it stands. */
import type { PageAccount } from './backend/bindings/PageAccount';
import { STANDINGS } from './backend/bindings/standings';
import { lives } from './words';

/** A token that lives can be copied, and one that is about to come can be waited for. */
export function canCopy(account: PageAccount, now: number): boolean {
  return lives(account, now) || STANDINGS[account.state].tokenComes;
}

/** Where nobody is signed in, there is nothing to refresh. */
export function canRefresh(account: PageAccount): boolean {
  return STANDINGS[account.state].canRefresh;
}

/** A sign-in is what the account needs next. */
export function wantsSignIn(account: PageAccount): boolean {
  return STANDINGS[account.state].wantsSignIn;
}
