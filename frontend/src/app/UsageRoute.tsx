import { lazy, Suspense } from 'react';
import { UsagePage } from '@/features/usage/UsagePage';
import { withMoreWords } from '@/i18n';

const MyTrend = lazy(async () => ({ default: (await import('@/features/history/MyTrend')).MyTrend }));

const MyDocker = lazy(async () => ({
  default: (await withMoreWords(import('@/features/docker/MyDocker'))).MyDocker,
}));

const MyDockerElsewhere = lazy(async () => ({
  default: (await withMoreWords(import('@/features/docker/MyDockerElsewhere'))).MyDockerElsewhere,
}));

/** Features do not know each other: here my quotas get their history, and Docker's what they consist of, a moment after the quotas themselves. */
export function UsageRoute() {
  return (
    <UsagePage
      renderMore={(row) => (
        <Suspense fallback={null}>
          <MyTrend row={row} />
          {row.kind === 'docker' && row.quota_type === 'user' ? <MyDocker row={row} /> : null}
        </Suspense>
      )}
    >
      <Suspense fallback={null}>
        <MyDockerElsewhere />
      </Suspense>
    </UsagePage>
  );
}
