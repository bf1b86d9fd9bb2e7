import type { Grant } from "./Grant";

/**
 * What an `.env` file holds, without its secrets.
 */
export type EnvFile = { id: number, fileName: string, provider: string, server: string | null, clientId: string, redirectUri: string | null, hasClientSecret: boolean, hasAssertion: boolean, grants: Array<Grant>, };
