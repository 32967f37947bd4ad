import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import {
  getHostOptions,
  listHostsOptions,
  refreshHostMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import { useLive } from '@/api/polling';

interface HostsQuery {
  q: string;
  sort: string;
  page: number;
  page_size: number;
}

export function useHosts({ q, ...query }: HostsQuery) {
  return useQuery({ ...listHostsOptions({ query: { ...query, ...(q === '' ? {} : { q }) } }), ...useLive() });
}

export function useHost(host: string) {
  return useQuery({ ...getHostOptions({ path: { host } }), ...useLive() });
}

export function useRefreshHost(host: string) {
  const { t } = useTranslation('hosts');
  const client = useQueryClient();
  return useMutation({
    ...refreshHostMutation({ path: { host } }),
    onSuccess: async () => {
      notifications.show({ color: 'green', message: t('refreshed', { host }) });
      await client.invalidateQueries();
    },
  });
}
