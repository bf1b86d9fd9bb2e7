/**
 * How an account stands.
 */
export type State = "loading" | "signed_out" | "fresh" | "renewing" | "in_doubt" | "failing" | "misconfigured" | "sign_in_needed";
