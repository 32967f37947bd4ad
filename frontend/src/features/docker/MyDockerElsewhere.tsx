import { Paper, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CardList } from '@/components/CardList';
import { QueryBoundary } from '@/components/QueryBoundary';
import { MyObjects } from './MyDocker';
import { useMyDocker } from './queries';

/** Docker on my hosts where I have no quota of it: what may be mine there, and how to claim it. Nothing where there is none. */
export function MyDockerElsewhere() {
  const { t } = useTranslation('docker');
  const query = useMyDocker();
  // Most have none: nothing is announced that would then go away.
  if (query.data === undefined && query.error === null) return null;
  return (
    <QueryBoundary
      query={query}
      isEmpty={({ hosts }) => hosts.every(({ has_quota }) => has_quota)}
      empty={null}
    >
      {({ hosts }) => (
        <CardList label={t('mine.elsewhere')}>
          {hosts
            .filter(({ has_quota }) => !has_quota)
            .map(({ host }) => (
              <Paper key={host} component="li" withBorder p="md" bg="var(--qman-ground)">
                <Stack gap="sm" component="section" aria-label={t('mine.on', { host })}>
                  <Title order={2} style={{ overflowWrap: 'anywhere' }}>
                    {t('mine.on', { host })}
                  </Title>
                  <Text size="sm" c="dimmed">
                    {t('mine.no_quota')}
                  </Text>
                  <MyObjects place={{ host }} />
                </Stack>
              </Paper>
            ))}
        </CardList>
      )}
    </QueryBoundary>
  );
}
