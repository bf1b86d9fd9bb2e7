import type { State } from './backend/bindings/State';

/** What colour a state has. Its icon and word say the same. */
type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle';

export const TONES: Record<State, Tone> = {
  loading: 'idle',
  signed_out: 'idle',
  fresh: 'good',
  renewing: 'busy',
  in_doubt: 'warn',
  failing: 'warn',
  misconfigured: 'bad',
  sign_in_needed: 'bad',
  removing: 'busy',
};
