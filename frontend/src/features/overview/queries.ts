import { useQuery } from '@tanstack/react-query';
import { getAttentionOptions, getOverviewOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useLive } from '@/api/polling';

export function useOverview() {
  return useQuery({ ...getOverviewOptions(), ...useLive() });
}

export function useAttention() {
  return useQuery({ ...getAttentionOptions(), ...useLive() });
}
