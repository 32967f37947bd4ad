import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { setGroupLimits, setProjectLimits, setUserLimits } from '@/api/generated/sdk.gen';
import type { ChangeIn, ChangeOut } from '@/api/generated/types.gen';
import type { QuotaRow } from '@/api/rows';
import { useNotify } from '@/components/useNotify';
import { changedRow, putRow } from './cache';

/** Sets limits through to the host; the row read back from there replaces the one on the page. */
export function useSetLimits(row: QuotaRow, onSaved: () => void) {
  const { t } = useTranslation('limits');
  const client = useQueryClient();
  const notify = useNotify();
  const { host, name } = row;
  return useMutation({
    mutationFn: (body: ChangeIn) => setLimits(row, body),
    onSuccess: ({ row: after, audit_id }) => {
      putRow(client, changedRow(row, after));
      notify({ title: t('saved', { name }), audit: { id: audit_id, host, q: name } });
      onSaved();
    },
  });
}

async function setLimits({ host, device, quota_type, id }: QuotaRow, body: ChangeIn): Promise<ChangeOut> {
  const call = { query: { device }, body, throwOnError: true } as const;
  switch (quota_type) {
    case 'user':
      return (await setUserLimits({ ...call, path: { host_id: host, uid: id } })).data;
    case 'group':
      return (await setGroupLimits({ ...call, path: { host_id: host, gid: id } })).data;
    case 'project':
      return (await setProjectLimits({ ...call, path: { host_id: host, project_id: id } })).data;
  }
}
