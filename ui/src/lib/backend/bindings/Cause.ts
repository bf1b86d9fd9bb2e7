/**
 * Why a sign-in ends.
 */
export type Cause = "no_refresh_token" | "refresh_token_ends" | "session_ends" | "assertion_ends";
