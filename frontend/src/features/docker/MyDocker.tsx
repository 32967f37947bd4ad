import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { MyDockerOut } from '@/api/generated/types.gen';
import type { QuotaRow } from '@/api/rows';
import { Age } from '@/components/Age';
import { HostProblem } from '@/components/HostProblem';
import { QueryBoundary } from '@/components/QueryBoundary';
import { Terms } from '@/components/Terms';
import { useFormat } from '@/i18n/useFormat';
import { ClaimItem } from './ClaimItem';
import { keyOf, type Mine, minePartsOf, mineOf, type MyPlace, shortName } from './model';
import { MyClaims } from './MyClaims';
import { useMyDocker } from './queries';

/** So many are named before somebody asks for all. */
const FIRST = 5;

/** What my share of a host's Docker store consists of, what would free most, and what I may claim. */
export function MyDocker({ row }: { row: QuotaRow }) {
  const { t } = useTranslation('docker');
  return (
    <Stack gap="xs" component="section" aria-label={t('mine.title')}>
      <Title order={3} fz="md">
        {t('mine.title')}
      </Title>
      <Parts row={row} />
      <MyObjects place={row} />
    </Stack>
  );
}

/** What counts as mine there, what may be, and what I claimed. */
export function MyObjects({ place: { host, id } }: { place: MyPlace }) {
  const { t } = useTranslation('docker');
  const query = useMyDocker();
  const reading = query.data?.hosts.find((each) => each.host === host);
  const place = id === undefined ? { host } : { host, id };
  const isRead = reading !== undefined && reading.taken_at !== null;
  return (
    <>
      <QueryBoundary query={query} lines={1}>
        {(found) => (
          <Stack gap="sm">
            {mineOf(found.items, place).length === 0 ? (
              <Text size="sm">{t(isRead ? 'mine.none' : 'mine.unread')}</Text>
            ) : (
              <Objects found={found} place={place} />
            )}
            {isRead ? (
              <MyClaims
                host={host}
                claims={found.claims}
                listed={found.items.filter((each) => each.host === host)}
              />
            ) : null}
          </Stack>
        )}
      </QueryBoundary>
      {reading === undefined ? null : (
        <Text size="xs" c="dimmed">
          <Age at={reading.taken_at} />{' '}
          {reading.problem === null ? null : <HostProblem problem={reading.problem} />}
        </Text>
      )}
    </>
  );
}

function Parts({ row }: { row: QuotaRow }) {
  const { t } = useTranslation('docker');
  const format = useFormat();
  const names = {
    container: t('list.container'),
    layer: t('shares.layers'),
    volume: t('list.volume'),
    cache: t('list.cache'),
  };
  return (
    <Terms
      items={minePartsOf(row).map(({ kind, bytes }) => ({ name: names[kind], value: format.bytes(bytes) }))}
    />
  );
}

function Objects({ found, place }: { found: MyDockerOut; place: MyPlace }) {
  const { t } = useTranslation('docker');
  const all = mineOf(found.items, place);
  const mine = all.filter(({ is_mine }) => is_mine);
  return (
    <Stack gap="sm">
      <Listed title={t('mine.frees')} items={mine.filter(({ removal }) => removal !== null)}>
        {(each) => <Described item={each} />}
      </Listed>
      <Listed title={t('mine.in_use')} items={mine.filter(({ removal }) => removal === null)}>
        {(each) => <Described item={each} />}
      </Listed>
      <Listed title={t('mine.perhaps')} items={all.filter(({ is_mine }) => !is_mine)}>
        {(each) => (
          <ClaimItem item={each} claims={found.claims}>
            <Described item={each} />
          </ClaimItem>
        )}
      </Listed>
    </Stack>
  );
}

interface ListedProps {
  title: string;
  items: Mine[];
  children: (item: Mine) => ReactNode;
}

/** A part of it, the first few at first. Nothing where there is none. */
function Listed({ title, items, children }: ListedProps) {
  const { t } = useTranslation('docker');
  const [isWhole, { toggle }] = useDisclosure(false);
  if (items.length === 0) return null;
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {items.slice(0, isWhole ? items.length : FIRST).map((each) => (
          <li key={keyOf(each)}>{children(each)}</li>
        ))}
      </Stack>
      {items.length <= FIRST ? null : (
        <Group>
          <Button variant="subtle" size="compact-sm" aria-expanded={isWhole} onClick={toggle}>
            {isWhole ? t('mine.fewer') : t('mine.all', { count: items.length })}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Described({ item }: { item: Mine }) {
  const { t } = useTranslation('docker');
  const format = useFormat();
  const { kind, name, removal, freed, bytes } = item;
  const size = removal === null ? format.bytes(bytes) : t('mine.freed', { bytes: format.bytes(freed) });
  return (
    <Stack gap={0} style={{ overflowWrap: 'anywhere' }}>
      <Text size="sm">{`${shortName(name)} · ${t(`kind.${kind}`)} · ${size}`}</Text>
      {removal === null ? null : (
        <Text size="xs" c="dimmed">
          {t(`removal.word.${removal}`)}
        </Text>
      )}
    </Stack>
  );
}
