import { useQuery } from '@tanstack/react-query';
import { getMyQuotasOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useLive } from '@/api/polling';

export function useMyQuotas() {
  return useQuery({ ...getMyQuotasOptions(), ...useLive() });
}
