import type { QueryClient } from '@tanstack/react-query';
import { getMeQueryKey, listRowsQueryKey } from '@/api/generated/@tanstack/react-query.gen';
import type { ChangeOut, RowsOut } from '@/api/generated/types.gen';
import type { QuotaRow } from '@/api/rows';
import { percentOf, resourcesOf } from '@/lib/quota';

/** The row of the list with what the host read back; the host's shape has no percent, so it follows from the numbers. */
export function changedRow(row: QuotaRow, after: ChangeOut['row']): QuotaRow {
  const percents = resourcesOf(after).flatMap((usage) => percentOf(usage) ?? []);
  return { ...row, ...after, percent: percents.length === 0 ? null : Math.max(...percents) };
}

const sameQuota = (a: QuotaRow, b: QuotaRow) =>
  a.host === b.host && a.device === b.device && a.quota_type === b.quota_type && a.id === b.id;

const callOf = (key: readonly unknown[]): unknown => (key[0] as { _id?: unknown } | undefined)?._id;

/** Shows a changed row at once wherever it is listed; everything else that depends on it is fetched when next seen. */
export function putRow(client: QueryClient, row: QuotaRow): void {
  const [{ _id: listRows }] = listRowsQueryKey();
  client.setQueriesData<RowsOut>(
    { predicate: ({ queryKey }) => callOf(queryKey) === listRows },
    (page) => page && { ...page, items: page.items.map((item) => (sameQuota(item, row) ? row : item)) },
  );
  const [{ _id: session }] = getMeQueryKey();
  void client.invalidateQueries({
    predicate: ({ queryKey }) => ![session, listRows].includes(callOf(queryKey) as string),
  });
}
