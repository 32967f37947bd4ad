import { Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SaidOut } from '@/api/generated/types.gen';
import { QueryBoundary } from '@/components/QueryBoundary';
import { useFormat } from '@/i18n/useFormat';
import type { Line } from './model';
import { useHistoryOf } from './queries';

/** Who said what about an object, when and why: admins, and who claimed it. */
export function SaidBefore({ host, line }: { host: string; line: Line }) {
  const { t } = useTranslation('docker');
  const query = useHistoryOf(host, line);
  return (
    <Stack gap="xs" component="section" aria-label={t('said.title')}>
      <Title order={3} fz="sm">
        {t('said.title')}
      </Title>
      <QueryBoundary
        query={query}
        lines={1}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <Text size="sm" c="dimmed">
            {t('said.none')}
          </Text>
        }
      >
        {({ items }) => (
          <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
            {items.map((each) => (
              <Said key={`${each.at} ${each.by} ${each.action}`} said={each} />
            ))}
          </Stack>
        )}
      </QueryBoundary>
    </Stack>
  );
}

function Said({ said: { at, by, action, uid, user, reason, state } }: { said: SaidOut }) {
  const { t } = useTranslation('docker');
  const format = useFormat();
  const word = action === 'set' && uid === null ? 'nobodys' : action;
  return (
    <li style={{ overflowWrap: 'anywhere' }}>
      <Text size="sm">{t(`said.word.${word}`, { by, user: user ?? `#${uid}` })}</Text>
      <Text size="xs" c="dimmed">
        {[format.instant(at), ...(state === 'applied' ? [] : [t(`said.state.${state}`)])].join(' · ')}
      </Text>
      {reason === '' ? null : <Text size="xs">{reason}</Text>}
    </li>
  );
}
