import type { QueryClient } from '@tanstack/react-query';
import { getMeQueryKey, listRowsQueryKey } from '@/api/generated/@tanstack/react-query.gen';
import type { RowPageOut } from '@/api/generated/types.gen';
import type { QuotaRow } from '@/api/rows';

const sameQuota = (a: QuotaRow, b: QuotaRow) =>
  a.host === b.host && a.device === b.device && a.quota_type === b.quota_type && a.id === b.id;

const callOf = (key: readonly unknown[]): unknown => (key[0] as { _id?: unknown } | undefined)?._id;

/** Shows a changed row at once wherever it is listed; everything else that depends on it is fetched when next seen. */
export function putRow(client: QueryClient, row: QuotaRow): void {
  const [{ _id: listRows }] = listRowsQueryKey();
  client.setQueriesData<RowPageOut>(
    { predicate: ({ queryKey }) => callOf(queryKey) === listRows },
    (page) => page && { ...page, items: page.items.map((item) => (sameQuota(item, row) ? row : item)) },
  );
  const [{ _id: session }] = getMeQueryKey();
  void client.invalidateQueries({
    predicate: ({ queryKey }) => ![session, listRows].includes(callOf(queryKey) as string),
  });
}
