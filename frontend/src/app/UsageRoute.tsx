import { MyTrend } from '@/features/history/MyTrend';
import { UsagePage } from '@/features/usage/UsagePage';

/** Features do not know each other: here my quotas get their history. */
export function UsageRoute() {
  return <UsagePage renderTrend={(row) => <MyTrend row={row} />} />;
}
