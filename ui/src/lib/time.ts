/** Durations as people read them, the same as the keeper words them. All are in milliseconds. */

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** From here on seconds are left out, so that a line does not change every second for an hour. */
const SECONDS_BELOW = 2 * MINUTE;

/** A duration in its two largest units, rounded down: `58 s`, `42 min`, `1 h 5 min`, `2 d 3 h`. */
export function inWords(duration: number): string {
  const past = Math.max(0, duration);
  const days = Math.floor(past / DAY);
  const hours = Math.floor((past % DAY) / HOUR);
  const minutes = Math.floor((past % HOUR) / MINUTE);
  const seconds = Math.floor((past % MINUTE) / SECOND);
  if (past < SECONDS_BELOW) return units([minutes, 'min'], [seconds, 's']);
  if (days > 0) return units([days, 'd'], [hours, 'h']);
  return units([hours, 'h'], [minutes, 'min']);
}

/** What is left between two moments, as a share of the whole from 0 to 1. */
export function shareLeft(from: number, to: number, now: number): number {
  if (to <= from) return 0;
  return Math.min(1, Math.max(0, (to - now) / (to - from)));
}

function units(large: [number, string], small: [number, string]): string {
  const there = [large, small].filter(([count]) => count > 0);
  return (there.length > 0 ? there : [small]).map(([count, unit]) => `${count} ${unit}`).join(' ');
}
