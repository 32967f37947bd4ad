import { useQuery } from '@tanstack/react-query';
import { listAuditOptions } from '@/api/generated/@tanstack/react-query.gen';
import { useLive } from '@/api/polling';
import { PAGE_SIZE } from '@/lib/paging';
import { dayEnd, dayStart } from './days';
import type { AuditUrl } from './url';

export function useAudit({ q, host, since, until, page }: AuditUrl) {
  const query = {
    page,
    page_size: PAGE_SIZE,
    ...(q === '' ? {} : { q }),
    ...(host === '' ? {} : { host }),
    ...(since === undefined ? {} : { since: dayStart(since) }),
    ...(until === undefined ? {} : { until: dayEnd(until) }),
  };
  return useQuery({ ...listAuditOptions({ query }), ...useLive() });
}
