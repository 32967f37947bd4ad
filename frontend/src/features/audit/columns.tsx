import { Stack, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconHelpCircle,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { AuditOut } from '@/api/generated/types.gen';
import type { Column } from '@/components/DataTable';
import { StateBadge, type Tone } from '@/components/StateBadge';
import { useFormat } from '@/i18n/useFormat';
import { shortId } from '@/lib/audit';
import { ChangeCell } from '@/components/ChangeCell';

const OUTCOMES: Record<AuditOut['outcome'], { tone: Tone; icon: Icon }> = {
  applied: { tone: 'good', icon: IconCircleCheck },
  refused: { tone: 'near', icon: IconAlertTriangle },
  failed: { tone: 'bad', icon: IconCircleX },
  unknown: { tone: 'quiet', icon: IconHelpCircle },
};

const ACTIONS = [
  'set_limits',
  'set_default_limits',
  'set_grace_periods',
  'add_mapping',
  'delete_mapping',
  'add_host',
  'make_enrolment_code',
  'enrol_host',
  'rotate_keys',
  'suspend_host',
  'resume_host',
  'remove_host',
] as const;

function isKnownAction(action: string): action is (typeof ACTIONS)[number] {
  return (ACTIONS as readonly string[]).includes(action);
}

export function useAuditColumns(): Column<AuditOut>[] {
  const { t } = useTranslation(['audit', 'status']);
  const format = useFormat();
  return [
    {
      id: 'at',
      header: t('audit:column.at'),
      cell: ({ at, id }) => (
        <Two
          above={<time dateTime={at}>{format.instant(at)}</time>}
          below={<span title={id}>{t('audit:number', { id: shortId(id) })}</span>}
        />
      ),
    },
    {
      id: 'actor',
      header: t('audit:column.actor'),
      cell: ({ actor, via }) => <Two above={actor.name} below={t(`audit:via.${via}`)} />,
    },
    {
      id: 'action',
      header: t('audit:column.action'),
      cell: ({ action }) => (isKnownAction(action) ? t(`audit:action.${action}`) : action),
    },
    {
      id: 'target',
      header: t('audit:column.target'),
      cell: ({ target_name, host, device }) => (
        <Two above={target_name} below={[host, device].filter(Boolean).join(' ')} />
      ),
    },
    {
      id: 'change',
      header: t('audit:column.change'),
      cell: ({ before, after }) => <ChangeCell before={before} after={after} />,
    },
    {
      id: 'reason',
      header: t('audit:column.reason'),
      cell: ({ reason, undo_of }) => (
        <Two above={reason} below={undo_of === null ? null : t('audit:undo_of', { id: shortId(undo_of) })} />
      ),
    },
    {
      id: 'outcome',
      header: t('audit:column.outcome'),
      cell: ({ outcome }) => <StateBadge {...OUTCOMES[outcome]} word={t(`status:outcome.${outcome}`)} />,
    },
  ];
}

function Two({ above, below }: { above: React.ReactNode; below: React.ReactNode }) {
  return (
    <Stack gap={0}>
      <Text size="sm">{above}</Text>
      <Text size="xs" c="dimmed">
        {below}
      </Text>
    </Stack>
  );
}
