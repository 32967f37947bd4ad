import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import {
  getDockerOfHostOptions,
  getDockerOfHostQueryKey,
  getDockerReviewQueueOptions,
  getDockerReviewQueueQueryKey,
} from '@/api/generated/@tanstack/react-query.gen';
import { attributeDockerObject } from '@/api/generated/sdk.gen';
import { useLive } from '@/api/polling';
import { useNotify } from '@/components/useNotify';
import { reasonToSend } from '@/lib/reason';
import type { Line } from './model';
import { shortName } from './model';

const MOST = 500;

export function useDocker(host: string) {
  return useQuery({ ...getDockerOfHostOptions({ path: { host_id: host } }), ...useLive() });
}

export function useReview(host: string) {
  return useQuery({
    ...getDockerReviewQueueOptions({ query: { host, page_size: MOST } }),
    ...useLive(),
  });
}

/** Says whose an object is; `uid` null: nobody's. */
export function useAttribute(host: string, { kind, id, name }: Line, onDone: () => void) {
  const { t } = useTranslation('docker');
  const client = useQueryClient();
  const notify = useNotify();
  return useMutation({
    mutationFn: async ({ uid, reason }: { uid: number | null; reason: string }) => {
      const body = { host, kind, id, uid, ...reasonToSend(reason) };
      return (await attributeDockerObject({ body, throwOnError: true })).data;
    },
    onSuccess: async ({ audit_id }) => {
      notify({ title: t('saved', { name: shortName(name) }), audit: { id: audit_id, host, q: name } });
      onDone();
      const keys = [getDockerOfHostQueryKey({ path: { host_id: host } }), getDockerReviewQueueQueryKey()];
      await Promise.all(keys.map(([{ _id }]) => client.invalidateQueries({ queryKey: [{ _id }] })));
    },
  });
}
