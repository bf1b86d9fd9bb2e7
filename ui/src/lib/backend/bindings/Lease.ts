/**
 * A reader's hold on the access token.
 */
export type Lease = { id: string, holder: string, since: number, until: number, };
