import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { setUserLimits } from '@/api/generated/sdk.gen';
import type { ChangeIn } from '@/api/generated/types.gen';
import type { QuotaRow } from '@/api/rows';
import { useNotify } from '@/components/useNotify';
import { changedRow, putRow } from './cache';

/** Sets limits through to the host; the row read back from there replaces the one on the page. */
export function useSetLimits(row: QuotaRow, onSaved: () => void) {
  const { t } = useTranslation('limits');
  const client = useQueryClient();
  const notify = useNotify();
  const { host, device, id, name } = row;
  return useMutation({
    mutationFn: async (body: ChangeIn) => {
      const { data } = await setUserLimits({
        path: { host_id: host, uid: id },
        query: { device },
        body,
        throwOnError: true,
      });
      return data;
    },
    onSuccess: ({ row: after, audit_id }) => {
      putRow(client, changedRow(row, after));
      notify({ title: t('saved', { name }), message: t('saved_audit', { id: audit_id }) });
      onSaved();
    },
  });
}
