/**
 * Where secrets rest.
 */
export type Vault = { "state": "ready" } | { "state": "memory_only" } | { "state": "locked" } | { "state": "absent", why: string, };
