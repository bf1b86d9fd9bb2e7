import { createContext } from 'svelte';
import { SECOND } from './time';

/** The time that the whole page shows. One timer moves it, and rests while nobody can see the page. */
export class Clock {
  #now = $state(0);
  readonly #read: () => number;

  constructor(read: () => number = Date.now) {
    this.#read = read;
    this.#now = read();
  }

  /** The time as of the last tick. */
  get now(): number {
    return this.#now;
  }

  tick(): void {
    this.#now = this.#read();
  }

  /** Ticks with each full second while the page is visible, until the returned function is called. */
  run(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const next = () => {
      this.tick();
      timer = setTimeout(next, SECOND - (this.#read() % SECOND));
    };
    const rest = () => clearTimeout(timer);
    const seen = () => {
      rest();
      if (!document.hidden) next();
    };
    document.addEventListener('visibilitychange', seen);
    seen();
    return () => {
      document.removeEventListener('visibilitychange', seen);
      rest();
    };
  }
}

export const [clockInContext, putClockInContext] = createContext<Clock>();
