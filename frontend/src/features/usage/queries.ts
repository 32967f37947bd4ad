import { useQuery } from '@tanstack/react-query';
import { getMyQuotasOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useLive } from '@/api/polling';
import { PAGE_SIZE } from '@/lib/paging';

export function useMyQuotas(page: number) {
  return useQuery({ ...getMyQuotasOptions({ query: { page, page_size: PAGE_SIZE } }), ...useLive() });
}
