/** Addresses of pages, each written in one place. Device names hold slashes, so they travel as a parameter. */
export function hostPath(host: string): string {
  return `/hosts/${encodeURIComponent(host)}`;
}

export function personPath(id: string): string {
  return `/people/${encodeURIComponent(id)}`;
}

export function devicePath(host: string, device: string, query: Record<string, string> = {}): string {
  return `${hostPath(host)}/device?${new URLSearchParams({ name: device, ...query }).toString()}`;
}

/** An import, a batch or the undo of one. */
export function setPath(id: string): string {
  return `/import/${encodeURIComponent(id)}`;
}
