import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { refreshAfterChange } from '@/api/cache';
import {
  getDefaultLimitsOptions,
  getDefaultLimitsQueryKey,
  getGracePeriodsOptions,
  getGracePeriodsQueryKey,
} from '@/api/generated/@tanstack/react-query.gen';
import { setDefaultLimits, setGracePeriods } from '@/api/generated/sdk.gen';
import type { DefaultsIn, GraceChangeIn } from '@/api/generated/types.gen';
import { useLive } from '@/api/polling';
import { useNotify } from '@/components/useNotify';
import type { Place } from '@/lib/deviceState';

const callFor = ({ host, device, type }: Place) => ({
  path: { host_id: host },
  query: { device, quota_type: type },
});

export function useGracePeriods(place: Place) {
  return useQuery({ ...getGracePeriodsOptions(callFor(place)), ...useLive() });
}

export function useDefaultLimits(place: Place) {
  return useQuery({ ...getDefaultLimitsOptions(callFor(place)), ...useLive() });
}

export function useSetGracePeriods(place: Place, onSaved: () => void) {
  const client = useQueryClient();
  const onDone = useSaved(place, 'grace', onSaved);
  return useMutation({
    mutationFn: async (body: GraceChangeIn) =>
      (await setGracePeriods({ ...callFor(place), body, throwOnError: true })).data,
    onSuccess: ({ grace, audit_id }) => {
      const key = getGracePeriodsQueryKey(callFor(place));
      client.setQueryData(key, grace);
      onDone(audit_id, key);
    },
  });
}

export function useSetDefaultLimits(place: Place, onSaved: () => void) {
  const client = useQueryClient();
  const onDone = useSaved(place, 'defaults', onSaved);
  return useMutation({
    mutationFn: async (body: DefaultsIn) =>
      (await setDefaultLimits({ ...callFor(place), body, throwOnError: true })).data,
    onSuccess: ({ defaults, audit_id }) => {
      const key = getDefaultLimitsQueryKey(callFor(place));
      client.setQueryData(key, defaults);
      onDone(audit_id, key);
    },
  });
}

/** What was read back is on the page at once; the rows that follow from it are fetched anew. */
function useSaved({ host, device }: Place, what: 'grace' | 'defaults', onSaved: () => void) {
  const { t } = useTranslation('settings');
  const client = useQueryClient();
  const notify = useNotify();
  return (auditId: string, key: readonly unknown[]) => {
    refreshAfterChange(client, key);
    notify({ title: t(`saved.${what}`, { device }), audit: { id: auditId, host, q: device } });
    onSaved();
  };
}
