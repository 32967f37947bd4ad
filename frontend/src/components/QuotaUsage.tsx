import { Stack, Text } from '@mantine/core';
import { useNow } from '@/lib/clock';
import { levelOf, type QuotaNumbers, type Resource, resourcesOf } from '@/lib/quota';
import { GraceLeft } from './GraceLeft';
import { QuotaBar } from './QuotaBar';

interface QuotaUsageProps {
  row: QuotaNumbers;
  name: string;
}

/** Both resources of one quota: bars, and the time left where a soft limit is passed. */
export function QuotaUsage({ row, name }: QuotaUsageProps) {
  return (
    <Stack gap="xs">
      {resourcesOf(row).map(({ resource, graceExpiresAt }) => (
        <Stack key={resource} gap={2}>
          <UsageBar row={row} resource={resource} name={name} />
          {graceExpiresAt === 0 ? null : (
            <Text size="sm" fw={600}>
              <GraceLeft expiresAt={graceExpiresAt} />
            </Text>
          )}
        </Stack>
      ))}
    </Stack>
  );
}

/** One resource of a quota; nothing where the device does not count it. */
export function UsageBar({ row, resource, name }: QuotaUsageProps & { resource: Resource }) {
  // Only an ended grace period can change the colour: looking each minute will do.
  const now = useNow(60);
  const usage = resourcesOf(row).find((each) => each.resource === resource);
  if (usage === undefined) return null;
  return <QuotaBar usage={usage} level={levelOf(usage, now / 1000)} name={name} />;
}

/** The time left of both resources, as far as it runs. */
export function GraceEnds({ row }: Pick<QuotaUsageProps, 'row'>) {
  return resourcesOf(row)
    .filter(({ graceExpiresAt }) => graceExpiresAt !== 0)
    .map(({ resource, graceExpiresAt }) => (
      <Text key={resource} size="sm" fw={600}>
        <GraceLeft expiresAt={graceExpiresAt} />
      </Text>
    ));
}
