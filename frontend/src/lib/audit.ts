/** Enough of an id to find it again. */
const SHOWN_OF_ID = 8;

export function shortId(id: string): string {
  return id.slice(0, SHOWN_OF_ID);
}

/** How the audit trail is narrowed down: by host, and by text in names, reasons and devices. */
export interface AuditSearch {
  host: string;
  q: string;
}

export function auditPath({ host, q }: AuditSearch): string {
  return `/audit?${new URLSearchParams({ host, q }).toString()}`;
}
