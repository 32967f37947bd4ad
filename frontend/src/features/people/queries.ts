import { useQuery } from '@tanstack/react-query';
import {
  getHostOptions,
  getPersonOptions,
  listPeopleOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import { useLive } from '@/api/polling';
import type { QuotaRow } from '@/api/rows';
import { PAGE_SIZE } from '@/lib/paging';

export function usePeople({ q, page, sort }: { q: string; page: number; sort: string }) {
  const query = { page, page_size: PAGE_SIZE, sort, ...(q === '' ? {} : { q }) };
  return useQuery({ ...listPeopleOptions({ query }), ...useLive() });
}

export function usePerson(id: string) {
  return useQuery({ ...getPersonOptions({ path: { person_id: id } }), ...useLive() });
}

/** What the device of a row can do; null while that is not known, or no row is edited. */
export function useCapabilities(row: QuotaRow | null) {
  const query = useQuery({
    ...getHostOptions({ path: { host_id: row?.host ?? '' } }),
    enabled: row !== null,
    select: ({ device_list }) => device_list.find(({ name }) => name === row?.device)?.capabilities ?? null,
  });
  return query.data ?? null;
}
