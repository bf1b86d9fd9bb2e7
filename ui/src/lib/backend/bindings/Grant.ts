/**
 * How tokens are first obtained: a person signs in, or a JWT is presented.
 */
export type Grant = "code" | "jwt";
