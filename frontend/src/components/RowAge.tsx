import { Stack, Text } from '@mantine/core';
import { Age } from './Age';
import { StaleBadge } from './badges';

/** How old a row's figures are, and whether its host has stopped answering. */
export function RowAge({ row }: { row: { stale: boolean; taken_at: string } }) {
  return (
    <Stack gap={2} align="flex-start">
      {row.stale ? <StaleBadge /> : null}
      <Text size="xs" c="dimmed">
        <Age at={row.taken_at} />
      </Text>
    </Stack>
  );
}
