import { lazy, Suspense } from 'react';
import { UsagePage } from '@/features/usage/UsagePage';

const MyTrend = lazy(async () => ({ default: (await import('@/features/history/MyTrend')).MyTrend }));

/** Features do not know each other: here my quotas get their history, a moment after the quotas themselves. */
export function UsageRoute() {
  return (
    <UsagePage
      renderTrend={(row) => (
        <Suspense fallback={null}>
          <MyTrend row={row} />
        </Suspense>
      )}
    />
  );
}
