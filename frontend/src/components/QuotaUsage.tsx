import { Stack, Text } from '@mantine/core';
import { useNow } from '@/lib/clock';
import { levelOf, type QuotaNumbers, resourcesOf } from '@/lib/quota';
import { GraceLeft } from './GraceLeft';
import { QuotaBar } from './QuotaBar';

interface QuotaUsageProps {
  row: QuotaNumbers;
  name: string;
}

/** Both resources of one quota: bars, and the time left where a soft limit is passed. */
export function QuotaUsage({ row, name }: QuotaUsageProps) {
  // Only an ended grace period can change the colour: looking each minute will do.
  const now = useNow(60);
  return (
    <Stack gap="xs">
      {resourcesOf(row).map((usage) => (
        <Stack key={usage.resource} gap={2}>
          <QuotaBar usage={usage} level={levelOf(usage, now / 1000)} name={name} />
          {usage.graceExpiresAt === 0 ? null : (
            <Text size="sm" fw={600}>
              <GraceLeft expiresAt={usage.graceExpiresAt} />
            </Text>
          )}
        </Stack>
      ))}
    </Stack>
  );
}
