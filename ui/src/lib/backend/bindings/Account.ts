import type { Grant } from "./Grant";
import type { Lapse } from "./Lapse";
import type { Lease } from "./Lease";
import type { State } from "./State";

/**
 * An account as the window shows it. Moments are milliseconds since 1970.
 */
export type Account = { name: string, 
/**
 * The provider's title.
 */
provider: string, 
/**
 * The provider's host.
 */
server: string | null, grant: Grant, state: State, problem: string | null, fingerprint: string | null, issuedAt: number | null, expiresAt: number | null, 
/**
 * Whether the token's end is a guess, because the provider named none.
 */
expiryAssumed: boolean, nextRenewal: number | null, lapse: Lapse | null, 
/**
 * The keychain does not hold the token yet.
 */
unsaved: boolean, leases: Array<Lease>, };
