import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { refreshAfterChange } from '@/api/cache';
import { listAuditOptions } from '@/api/generated/@tanstack/react-query.gen';
import { undoChange } from '@/api/generated/sdk.gen';
import type { AuditOut } from '@/api/generated/types.gen';
import { useLive } from '@/api/polling';
import type { UndoWish } from '@/components/UndoModal';
import { useNotify } from '@/components/useNotify';
import { PAGE_SIZE } from '@/lib/paging';
import { dayEnd, dayStart } from '@/lib/days';
import type { AuditUrl } from './url';

/** The filters as the API has them, of the list and of its files. */
export function filtersOf({ q, host, change_set, since, until }: AuditUrl) {
  return {
    ...(q === '' ? {} : { q }),
    ...(host === '' ? {} : { host }),
    ...(change_set === '' ? {} : { change_set }),
    ...(since === undefined ? {} : { since: dayStart(since) }),
    ...(until === undefined ? {} : { until: dayEnd(until) }),
  };
}

export function useAudit(url: AuditUrl) {
  const query = { page: url.page, page_size: PAGE_SIZE, ...filtersOf(url) };
  return useQuery({ ...listAuditOptions({ query }), ...useLive() });
}

export function useUndo(onDone: () => void) {
  const { t } = useTranslation('undo');
  const client = useQueryClient();
  const notify = useNotify();
  return useMutation({
    mutationFn: async ({ entry, wish }: { entry: AuditOut; wish: UndoWish }) =>
      (await undoChange({ path: { audit_id: entry.id }, body: wish, throwOnError: true })).data,
    onSuccess: ({ audit_id }, { entry: { host, device } }) => {
      notify({ title: t('done'), audit: { id: audit_id, host: host ?? '', q: device ?? '' } });
      onDone();
      refreshAfterChange(client);
    },
  });
}
