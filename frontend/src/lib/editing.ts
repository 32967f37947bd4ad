import { useEffect, useSyncExternalStore } from 'react';

const POLL_MS = 10_000;
const listeners = new Set<() => void>();
let editors = 0;

function change(by: number) {
  editors += by;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

function isEditing(): boolean {
  return editors > 0;
}

export function useIsEditing(): boolean {
  return useSyncExternalStore(subscribe, isEditing);
}

/** Held while a form stands open: nothing behind it moves, and an ended session does not throw the text away. */
export function useHoldWhileEditing(active: boolean): void {
  useEffect(() => {
    if (!active) return;
    change(1);
    return () => change(-1);
  }, [active]);
}

/** Options for a query that is polled, but not under somebody's hands. */
export function usePolling(): { refetchInterval: number | false; refetchOnWindowFocus: boolean } {
  const editing = useIsEditing();
  return { refetchInterval: editing ? false : POLL_MS, refetchOnWindowFocus: !editing };
}
