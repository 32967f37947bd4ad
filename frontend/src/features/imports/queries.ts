import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { refreshAfterChange } from '@/api/cache';
import {
  getChangeSetOptions,
  getChangeSetQueryKey,
  listChangeLinesOptions,
  listChangeSetsOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import {
  cancelChangeSet,
  previewImport,
  retryChangeSet,
  runChangeSet,
  undoChangeSet,
} from '@/api/generated/sdk.gen';
import type { ChangeSetOut } from '@/api/generated/types.gen';
import { useLive } from '@/api/polling';
import type { UndoWish } from '@/components/UndoModal';
import { PAGE_SIZE } from '@/lib/paging';
import { setPath } from '@/lib/paths';
import type { SetUrl } from './url';

/** While it is under way one wants to see it move. */
const MOVING_MS = 1000;

export function useChangeSets({ page }: { page: number }) {
  const query = { page, page_size: PAGE_SIZE };
  return useQuery({ ...listChangeSetsOptions({ query }), ...useLive() });
}

export function useChangeSet(id: string) {
  return useQuery({
    ...getChangeSetOptions({ path: { set_id: id } }),
    refetchInterval: ({ state: { data } }) => (data?.state === 'running' ? MOVING_MS : false),
  });
}

export function useChangeLines(change: ChangeSetOut, { only, page }: SetUrl) {
  const query = { page, page_size: PAGE_SIZE, ...(only === 'all' ? {} : { only }) };
  return useQuery({
    ...listChangeLinesOptions({ path: { set_id: change.id }, query }),
    ...useLive(),
    ...(change.state === 'running' ? { refetchInterval: MOVING_MS } : {}),
  });
}

export function usePreview() {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (csv: string) => (await previewImport({ body: { csv }, throwOnError: true })).data,
    onSuccess: ({ id }) => navigate(setPath(id)),
  });
}

export function useRun(id: string) {
  const put = usePut();
  return useMutation({
    mutationFn: async (body: { reason?: string }) =>
      (await runChangeSet({ path: { set_id: id }, body, throwOnError: true })).data,
    onSuccess: put,
  });
}

export function useCancel(id: string) {
  const put = usePut();
  return useMutation({
    mutationFn: async () => (await cancelChangeSet({ path: { set_id: id }, throwOnError: true })).data,
    onSuccess: put,
  });
}

export function useRetry(id: string) {
  const put = usePut();
  return useMutation({
    mutationFn: async () => (await retryChangeSet({ path: { set_id: id }, throwOnError: true })).data,
    onSuccess: put,
  });
}

export function useUndoSet(id: string) {
  const navigate = useNavigate();
  const put = usePut();
  return useMutation({
    mutationFn: async (body: UndoWish) =>
      (await undoChangeSet({ path: { set_id: id }, body, throwOnError: true })).data,
    onSuccess: (undo) => {
      put(undo);
      return navigate(setPath(undo.id));
    },
  });
}

/** What the master answered is shown at once; what else depends on it is fetched anew. */
function usePut() {
  const client = useQueryClient();
  return (change: ChangeSetOut) => {
    const key = getChangeSetQueryKey({ path: { set_id: change.id } });
    client.setQueryData(key, change);
    refreshAfterChange(client, key);
  };
}
