import type { Grant } from "./Grant";

/**
 * An account to be added, as it was typed in.
 */
export type AccountForm = { name: string, provider: "ringcentral" | "practice", server: string | null, clientId: string, grant: Grant, redirectUri: string | null, clientSecret: string | null, assertion: string | null, };
