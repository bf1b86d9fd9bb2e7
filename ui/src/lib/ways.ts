/** The ways to add an account. */
export type Way = 'person' | 'jwt' | 'env_file' | 'practice';

export const WAYS: { way: Way; title: string; words: string }[] = [
  { way: 'person', title: 'RingCentral, a person signs in', words: 'In a window, with their own password.' },
  { way: 'jwt', title: 'RingCentral with a JWT', words: 'By itself, for a server or a script.' },
  { way: 'env_file', title: 'From an .env file', words: 'Choose it, or drop it on this window.' },
  { way: 'practice', title: 'Practice provider', words: 'On this machine, without an account anywhere.' },
];
