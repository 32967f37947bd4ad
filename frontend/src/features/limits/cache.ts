import type { QueryClient } from '@tanstack/react-query';
import { callOf, refreshAfterChange } from '@/api/cache';
import { listRowsQueryKey } from '@/api/generated/@tanstack/react-query.gen';
import type { ChangeOut, RowsOut } from '@/api/generated/types.gen';
import type { QuotaRow } from '@/api/rows';
import { percentOf, resourcesOf } from '@/lib/quota';

/** The row of the list with what the host read back; the host's shape has no percent, so it follows from the numbers. */
export function changedRow(row: QuotaRow, after: ChangeOut['row']): QuotaRow {
  const percents = resourcesOf(after).flatMap((usage) => percentOf(usage) ?? []);
  const percent = percents.length === 0 ? null : Math.max(...percents);
  return { ...row, ...after, limits_source: after.limits_source ?? 'own', percent };
}

const sameQuota = (a: QuotaRow, b: QuotaRow) =>
  a.host === b.host && a.device === b.device && a.quota_type === b.quota_type && a.id === b.id;

/** Shows a changed row at once wherever it is listed. */
export function putRow(client: QueryClient, row: QuotaRow): void {
  const rows = listRowsQueryKey();
  client.setQueriesData<RowsOut>(
    { predicate: ({ queryKey }) => callOf(queryKey) === callOf(rows) },
    (page) => page && { ...page, items: page.items.map((item) => (sameQuota(item, row) ? row : item)) },
  );
  refreshAfterChange(client, rows);
}
