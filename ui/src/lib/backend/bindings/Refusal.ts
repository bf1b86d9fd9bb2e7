/**
 * Why something was not done, in words, and the field of the form that it is about.
 */
export type Refusal = { message: string, field: string | null, };
