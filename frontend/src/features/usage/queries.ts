import { useQuery } from '@tanstack/react-query';
import { listMyQuotasOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useLive } from '@/api/polling';

export function useMyQuotas() {
  return useQuery({ ...listMyQuotasOptions({ query: { page_size: 500 } }), ...useLive() });
}
