import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { getHostQueryKey, listHostsQueryKey } from '@/api/generated/@tanstack/react-query.gen';
import {
  addHost,
  makeEnrolmentCode,
  removeHost,
  resumeHost,
  rotateKeys,
  suspendHost,
} from '@/api/generated/sdk.gen';
import { useNotify } from '@/components/useNotify';
import type { HostForm } from './forms';

/** Adds a host; what it gives is its code, which is shown once. */
export function useAddHost() {
  const refresh = useRefreshHosts();
  return useMutation({
    mutationFn: async ({ ca_file, ...host }: HostForm) => {
      const body = ca_file === '' ? host : { ...host, ca_file };
      return (await addHost({ body, throwOnError: true })).data;
    },
    onSuccess: refresh,
  });
}

export function useNewCode(host: string) {
  const refresh = useRefreshHosts();
  return useMutation({
    mutationFn: async () => (await makeEnrolmentCode({ path: { host_id: host }, throwOnError: true })).data,
    onSuccess: refresh,
  });
}

const CALLS = { suspend: suspendHost, resume: resumeHost, rotate: rotateKeys };
export type HostCall = keyof typeof CALLS;

/** What is done with a host at one click. */
export function useHostCall(host: string) {
  const { t } = useTranslation('hosts');
  const refresh = useRefreshHosts();
  const notify = useNotify();
  return useMutation({
    mutationFn: async (call: HostCall) => {
      await CALLS[call]({ path: { host_id: host }, throwOnError: true });
    },
    onSuccess: async (_, call) => {
      notify({ message: t(`done.${call}`, { host }) });
      await refresh();
    },
  });
}

export function useRemoveHost(host: string, onDone: () => void) {
  const { t } = useTranslation('hosts');
  const refresh = useRefreshHosts();
  const notify = useNotify();
  return useMutation({
    mutationFn: () => removeHost({ path: { host_id: host }, throwOnError: true }),
    onSuccess: async () => {
      notify({ message: t('done.remove', { host }) });
      onDone();
      await refresh();
    },
  });
}

function useRefreshHosts() {
  const client = useQueryClient();
  const [{ _id: list }] = listHostsQueryKey();
  const [{ _id: one }] = getHostQueryKey({ path: { host_id: '' } });
  return async () => {
    await client.invalidateQueries({ queryKey: [{ _id: list }] });
    await client.invalidateQueries({ queryKey: [{ _id: one }] });
  };
}
