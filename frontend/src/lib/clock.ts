import { useSyncExternalStore } from 'react';

const TICK_MS = 1000;
/** The server's time comes in whole seconds and has travelled: smaller differences are none. */
const TOLERATED_SKEW_MS = 2000;

const listeners = new Set<() => void>();
let skew = 0;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function tick() {
  now = Date.now() + skew;
  listeners.forEach((listener) => listener());
}

/** One timer for all ages on the page, and none when no age is shown. */
function subscribe(listener: () => void) {
  if (listeners.size === 0) {
    now = Date.now() + skew;
    timer = setInterval(tick, TICK_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

/** Instants are the server's, so its clock decides how old they are; a laptop's may be minutes off. */
export function observeServerTime(date: string): void {
  const difference = Date.parse(date) - Date.now();
  if (Number.isNaN(difference)) return;
  skew = Math.abs(difference) > TOLERATED_SKEW_MS ? difference : 0;
}

/** The server's time in milliseconds, a new value every `stepSeconds`. */
export function useNow(stepSeconds = 1): number {
  const step = stepSeconds * 1000;
  return useSyncExternalStore(subscribe, () => (step === 1000 ? now : Math.floor(now / step) * step));
}
