/**
 * What is copied to the clipboard.
 */
export type Copied = "access_token" | "authorization_header";
