import { useMutation, useQuery } from '@tanstack/react-query';
import {
  getHostOptions,
  listHostsOptions,
  refreshHostMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import { useLive } from '@/api/polling';
import { useNow } from '@/lib/clock';

interface HostsQuery {
  q: string;
  sort: string;
  page: number;
  page_size: number;
}

export function useHosts({ q, ...query }: HostsQuery) {
  return useQuery({ ...listHostsOptions({ query: { ...query, ...(q === '' ? {} : { q }) } }), ...useLive() });
}

const LOOK_AGAIN_MS = 1_000;
const PATIENCE_MS = 20_000;

/** A host, looked at more often while a reading that was asked for is on its way. */
export function useHost(host: string) {
  const refresh = useMutation(refreshHostMutation());
  const live = useLive();
  const now = useNow();
  const asked = refresh.data === undefined ? null : Date.parse(refresh.data.requested_at);
  const isAwaited = (takenAt: string | null | undefined) =>
    asked !== null && now - refresh.submittedAt < PATIENCE_MS && Date.parse(takenAt ?? '1970-01-01') < asked;
  const query = useQuery({
    ...getHostOptions({ path: { host_id: host } }),
    ...live,
    refetchInterval: ({ state }) => (isAwaited(state.data?.taken_at) ? LOOK_AGAIN_MS : live.refetchInterval),
  });
  return {
    query,
    refresh: {
      ask: () => refresh.mutate({ path: { host_id: host } }),
      error: refresh.error,
      isPending: refresh.isPending || isAwaited(query.data?.taken_at),
    },
  };
}
