import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import {
  listHostsOptions,
  listMappingsOptions,
  listMappingsQueryKey,
  listPeopleOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import { addMapping, deleteMapping } from '@/api/generated/sdk.gen';
import type { MappingIn, MappingOut } from '@/api/generated/types.gen';
import { useLive } from '@/api/polling';
import { useNotify } from '@/components/useNotify';
import { PAGE_SIZE } from '@/lib/paging';

export function useMappings({ q, page }: { q: string; page: number }) {
  const query = { page, page_size: PAGE_SIZE, ...(q === '' ? {} : { q }) };
  return useQuery({ ...listMappingsOptions({ query }), ...useLive() });
}

const MOST = 500;

/** What a new mapping may be made of. */
export function useChoices() {
  const people = useQuery(listPeopleOptions({ query: { page_size: MOST } }));
  const hosts = useQuery(listHostsOptions({ query: { page_size: MOST } }));
  return {
    people: people.data?.items ?? [],
    hosts: hosts.data?.items ?? [],
    error: people.error ?? hosts.error,
  };
}

export function useAddMapping(onDone: () => void) {
  const { t } = useTranslation('mappings');
  const refresh = useRefreshMappings();
  const notify = useNotify();
  return useMutation({
    mutationFn: (body: MappingIn) => addMapping({ body, throwOnError: true }),
    onSuccess: async (_, { username, host }) => {
      notify({ message: t('saved', { username, host }) });
      onDone();
      await refresh();
    },
  });
}

export function useRemoveMapping(onDone: () => void) {
  const { t } = useTranslation('mappings');
  const refresh = useRefreshMappings();
  const notify = useNotify();
  return useMutation({
    mutationFn: ({ id }: MappingOut) => deleteMapping({ path: { mapping_id: id }, throwOnError: true }),
    onSuccess: async () => {
      notify({ message: t('removed') });
      onDone();
      await refresh();
    },
  });
}

function useRefreshMappings() {
  const client = useQueryClient();
  const [{ _id }] = listMappingsQueryKey();
  return () => client.invalidateQueries({ queryKey: [{ _id }] });
}
