import { Button, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconHelpCircle, IconHourglassEmpty } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Column } from '@/components/DataTable';
import { StateBadge, type Tone } from '@/components/StateBadge';
import { useFormat } from '@/i18n/useFormat';
import { useNow } from '@/lib/clock';
import { type Line, type List, shortName } from './model';

const TONES: Record<Line['attribution']['certainty'], Tone> = {
  certain: 'good',
  claimed: 'quiet',
  probable: 'quiet',
  ambiguous: 'near',
  unknown: 'near',
};
const ICONS = {
  certain: IconCircleCheck,
  claimed: IconHourglassEmpty,
  probable: IconHourglassEmpty,
  ambiguous: IconHelpCircle,
  unknown: IconHelpCircle,
};

export function useDockerColumns<L extends Line>(list: List, onSay: (line: L) => void): Column<L>[] {
  const { t } = useTranslation('docker');
  const format = useFormat();
  const name: Column<L> = {
    id: 'name',
    header: t('column.name'),
    minWidth: '10rem',
    cell: (line) => (
      <Stack gap={0}>
        <span title={line.id} style={{ overflowWrap: 'anywhere' }}>
          {shortName(line.name)}
        </span>
        {list === 'review' || line.state !== null || line.containers !== null ? (
          <Text size="xs" c="dimmed">
            {[
              ...(list === 'review' ? [t(`kind.${line.kind}`)] : []),
              ...(line.state === null ? [] : [line.state]),
              ...(line.containers === null ? [] : [t('used_by', { count: line.containers })]),
            ].join(' · ')}
          </Text>
        ) : null}
      </Stack>
    ),
  };
  return [
    name,
    {
      id: 'bytes',
      header: t('column.bytes'),
      number: true,
      cell: ({ bytes, measured_at }) => (
        <span title={format.instant(measured_at)}>{format.bytes(bytes)}</span>
      ),
    },
    { id: 'owner', header: t('column.owner'), minWidth: '8rem', cell: (line) => <Owner line={line} /> },
    {
      id: 'how',
      header: t('column.how'),
      cell: ({ attribution: { certainty, method } }) => (
        <Stack gap={0} align="flex-start">
          <StateBadge tone={TONES[certainty]} icon={ICONS[certainty]} word={t(`certainty.${certainty}`)} />
          <Text size="xs" c="dimmed">
            {t(`method.${method}`)}
          </Text>
        </Stack>
      ),
    },
    {
      id: 'created',
      header: t('column.created'),
      minWidth: '7rem',
      cell: ({ created_at }) => (created_at === null ? '–' : <Made at={created_at} />),
    },
    {
      id: 'removal',
      header: t('column.removal'),
      minWidth: '13rem',
      cell: ({ kind, removal }) => (
        <Text size="sm" c={removal === null ? 'dimmed' : undefined}>
          {kind === 'layer' ? t('removal.layer') : t(`removal.word.${removal ?? 'needed'}`)}
        </Text>
      ),
    },
    {
      id: 'say',
      header: t('column.say'),
      cell: (line) => (
        <Button
          variant="default"
          size="xs"
          aria-label={t('say.of', { name: shortName(line.name) })}
          onClick={() => onSay(line)}
        >
          {t('say.open')}
        </Button>
      ),
    },
  ];
}

function Made({ at }: { at: string }) {
  const format = useFormat();
  const now = useNow();
  return (
    <time dateTime={at} title={format.instant(at)}>
      {format.relative(Math.min(0, (Date.parse(at) - now) / 1000))}
    </time>
  );
}

function Owner({ line: { attribution, claims } }: { line: Line }) {
  const { t } = useTranslation('docker');
  const named = ({ uid, user }: { uid: number; user: string | null }) => user ?? `#${uid}`;
  const { uid, user, certainty, candidates } = attribution;
  return (
    <Stack gap={0}>
      <span>{uid === null ? t('nobody') : named({ uid, user })}</span>
      {candidates.length === 0 ? null : (
        <Text size="xs" c="dimmed">
          {t(certainty === 'certain' ? 'label_names' : 'candidates', {
            names: candidates.map(named).join(', '),
          })}
        </Text>
      )}
      {claims.map(({ person, username }) => (
        <Text key={person} size="xs">
          {t('claimed_by', { name: username })}
        </Text>
      ))}
    </Stack>
  );
}
