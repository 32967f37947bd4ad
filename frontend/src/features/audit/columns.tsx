import { Anchor, Button, Stack, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconHelpCircle,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { AuditOut } from '@/api/generated/types.gen';
import type { Column } from '@/components/DataTable';
import { StateBadge, type Tone } from '@/components/StateBadge';
import { useFormat } from '@/i18n/useFormat';
import { shortId } from '@/lib/audit';
import { setPath } from '@/lib/paths';
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
  'create_token',
  'revoke_token',
  'add_mapping',
  'delete_mapping',
  'add_host',
  'make_enrolment_code',
  'enrol_host',
  'rotate_keys',
  'attribute_object',
  'withdraw_attribution',
  'suspend_host',
  'resume_host',
  'remove_host',
] as const;

function isKnownAction(action: string): action is (typeof ACTIONS)[number] {
  return (ACTIONS as readonly string[]).includes(action);
}

const UNDONE_HERE = new Set(['set_limits', 'set_default_limits', 'set_grace_periods']);

/** What changed nothing, or nobody knows what, is not offered; the master decides in the end. */
function isUndoable({ action, outcome, before }: AuditOut): boolean {
  return UNDONE_HERE.has(action) && outcome === 'applied' && before !== null;
}

export function useAuditColumns(onUndo: (entry: AuditOut) => void): Column<AuditOut>[] {
  const { t } = useTranslation(['audit', 'status', 'undo']);
  const format = useFormat();
  return [
    {
      id: 'at',
      header: t('audit:column.at'),
      minWidth: '8rem',
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
      cell: ({ actor, via, token }) => (
        <Two
          above={actor.name}
          below={token === null ? t(`audit:via.${via}`) : t('audit:by_token', { name: token.name })}
        />
      ),
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
      minWidth: '12rem',
      cell: ({ before, after }) => <ChangeCell before={before} after={after} />,
    },
    {
      id: 'reason',
      header: t('audit:column.reason'),
      minWidth: '10rem',
      cell: (entry) => <Two above={entry.reason} below={<Related entry={entry} />} />,
    },
    {
      id: 'outcome',
      header: t('audit:column.outcome'),
      cell: ({ outcome, settled_by }) => (
        <Two
          above={<StateBadge {...OUTCOMES[outcome]} word={t(`status:outcome.${outcome}`)} />}
          below={settled_by === null || settled_by === 'answer' ? null : t(`audit:settled.${settled_by}`)}
        />
      ),
    },
    {
      id: 'undo',
      header: t('audit:undo_column'),
      cell: (entry) =>
        isUndoable(entry) ? (
          <Button
            variant="default"
            size="xs"
            aria-label={t('undo:undo_of', { id: shortId(entry.id) })}
            onClick={() => onUndo(entry)}
          >
            {t('undo:undo')}
          </Button>
        ) : null,
    },
  ];
}

/** Which other entry or set it belongs to. */
function Related({ entry: { undo_of, resend_of, change_set } }: { entry: AuditOut }) {
  const { t } = useTranslation('audit');
  return (
    <>
      {undo_of === null ? null : <div>{t('undo_of', { id: shortId(undo_of) })}</div>}
      {resend_of === null ? null : <div>{t('resend_of', { id: shortId(resend_of) })}</div>}
      {change_set === null ? null : (
        <Anchor component={Link} to={setPath(change_set)} size="xs">
          {t('set', { id: shortId(change_set) })}
        </Anchor>
      )}
    </>
  );
}

function Two({ above, below }: { above: React.ReactNode; below: React.ReactNode }) {
  return (
    <Stack gap={0}>
      <Text size="sm" component="div">
        {above}
      </Text>
      <Text size="xs" c="dimmed" component="div">
        {below}
      </Text>
    </Stack>
  );
}
