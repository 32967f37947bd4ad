import { Anchor, Stack, Text } from '@mantine/core';
import {
  type Icon,
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconHelpCircle,
  IconHourglass,
  IconPlayerStop,
  IconProgress,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { ChangeLineOut, ChangeSetOut } from '@/api/generated/types.gen';
import { ChangeCell } from '@/components/ChangeCell';
import type { Column } from '@/components/DataTable';
import { ProblemText } from '@/components/ProblemText';
import { StateBadge, type Tone } from '@/components/StateBadge';
import { useFormat } from '@/i18n/useFormat';
import { shortId } from '@/lib/audit';
import { setPath } from '@/lib/paths';
import { Counts } from './Counts';

type Look = Record<string, { tone: Tone; icon: Icon }>;

const STATES = {
  draft: { tone: 'quiet', icon: IconCircleDashed },
  running: { tone: 'near', icon: IconProgress },
  done: { tone: 'good', icon: IconCircleCheck },
  cancelled: { tone: 'quiet', icon: IconPlayerStop },
} satisfies Look;

const OUTCOMES = {
  wrong: { tone: 'bad', icon: IconCircleX },
  waiting: { tone: 'quiet', icon: IconHourglass },
  sent: { tone: 'near', icon: IconProgress },
  applied: { tone: 'good', icon: IconCircleCheck },
  refused: { tone: 'bad', icon: IconAlertTriangle },
  failed: { tone: 'bad', icon: IconCircleX },
  unknown: { tone: 'near', icon: IconHelpCircle },
  cancelled: { tone: 'quiet', icon: IconPlayerStop },
} satisfies Look;

export function SetState({ state }: Pick<ChangeSetOut, 'state'>) {
  const { t } = useTranslation('imports');
  return <StateBadge {...STATES[state]} word={t(`state.${state}`)} />;
}

export function useSetColumns(): Column<ChangeSetOut>[] {
  const { t } = useTranslation('imports');
  const format = useFormat();
  return [
    {
      id: 'kind',
      header: t('column.kind'),
      minWidth: '8rem',
      cell: ({ id, kind }) => (
        <Anchor component={Link} to={setPath(id)} size="sm">
          {t(`title_of.${kind}`, { id: shortId(id) })}
        </Anchor>
      ),
    },
    {
      id: 'at',
      header: t('column.at'),
      minWidth: '8rem',
      cell: ({ started_at, created_at }) => {
        const at = started_at ?? created_at;
        return <time dateTime={at}>{format.instant(at)}</time>;
      },
    },
    { id: 'actor', header: t('column.actor'), cell: ({ actor }) => actor.name },
    { id: 'reason', header: t('column.reason'), minWidth: '12rem', cell: ({ reason }) => reason },
    {
      id: 'state',
      header: t('column.state'),
      cell: (each) => (
        <Stack gap={2} align="flex-start">
          <SetState {...each} />
          {each.counts.total === 0 ? null : <Counts counts={each.counts} />}
        </Stack>
      ),
    },
  ];
}

export function useLineColumns(): Column<ChangeLineOut>[] {
  const { t } = useTranslation('imports');
  const format = useFormat();
  return [
    { id: 'line', header: t('column.line'), number: true, cell: ({ line }) => format.count(line) },
    {
      id: 'target',
      header: t('column.target'),
      minWidth: '9rem',
      cell: ({ name, id, host, device }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600}>
            {name === '' ? id : name}
          </Text>
          <Text size="xs" c="dimmed">
            {[host, device].join(' ')}
          </Text>
        </Stack>
      ),
    },
    {
      id: 'outcome',
      header: t('column.outcome'),
      minWidth: '12rem',
      cell: (line) => <LineOutcome line={line} />,
    },
    {
      id: 'change',
      header: t('column.change'),
      minWidth: '12rem',
      cell: ({ before, after }) => <ChangeCell before={before} after={after} />,
    },
  ];
}

/** How far it is, what to mind, and what is wrong with it: the field, what was found, what is expected. */
function LineOutcome({ line: { outcome, warnings, problem } }: { line: ChangeLineOut }) {
  const { t } = useTranslation('imports');
  const faults = problem?.errors ?? [];
  return (
    <Stack gap={2} align="flex-start">
      <StateBadge {...OUTCOMES[outcome]} word={t(`outcome.${outcome}`)} />
      {warnings.length === 0 ? null : (
        <StateBadge tone="over" icon={IconAlertTriangle} word={t('below_usage')} />
      )}
      <ProblemText problem={problem} />
      {faults.map((fault) => (
        <Text key={fault.field} size="xs">
          {`${fault.field}: ${t('fault', { ...fault })}`}
        </Text>
      ))}
    </Stack>
  );
}
