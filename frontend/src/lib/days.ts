/** A day as the person at the screen means it: from midnight to midnight of their own time zone, as UTC instants. */
export function dayStart(day: string): string {
  return instant(new Date(`${day}T00:00:00`));
}

export function dayEnd(day: string): string {
  const end = new Date(`${day}T00:00:00`);
  end.setDate(end.getDate() + 1);
  return instant(end);
}

/** To the second, as the API writes instants. */
function instant(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}
