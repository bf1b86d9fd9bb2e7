import type { Cause } from "./Cause";

/**
 * The moment after which nothing can be renewed without a person.
 */
export type Lapse = { at: number, cause: Cause, };
