import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OneOfManyOut } from '@/api/generated/types.gen';
import { Note } from '@/components/Note';
import { StateBadge } from '@/components/StateBadge';
import { useFormat } from '@/i18n/useFormat';
import type { Limits } from '@/lib/limits';
import { ForeseenTable } from './ForeseenTable';
import { isBelowUsage, targetsOf, worstFirst } from './model';
import { ProblemText } from '@/components/ProblemText';

interface BatchPreviewProps {
  foreseen: OneOfManyOut[];
  limits: Partial<Limits>;
  onBack: () => void;
  onApply: (ids: number[]) => void;
}

/** What would become of each; nothing has been changed yet. Whoever would drop below their usage must be confirmed. */
export function BatchPreview({ foreseen, limits, onBack, onApply }: BatchPreviewProps) {
  const { t } = useTranslation('batch');
  const format = useFormat();
  const [isConfirmed, setConfirmed] = useState(false);
  const ids = targetsOf(foreseen);
  const below = foreseen.filter(isBelowUsage).length;
  const failing = foreseen.length - ids.length;
  const counted = (count: number) => ({ count, formatted: format.count(count) });
  return (
    <Stack gap="md">
      <Text role="status" fw={600}>
        {t('foreseen', counted(ids.length))}
      </Text>
      {failing === 0 ? null : (
        <Note tone="problem" role="status" compact>
          {t('failing', counted(failing))}
        </Note>
      )}
      <ForeseenTable
        label={t('preview_label')}
        rows={worstFirst(foreseen)}
        limits={limits}
        last={{
          id: 'note',
          header: t('column.note'),
          minWidth: '10rem',
          cell: (each) => <ForeseenNote each={each} />,
        }}
      />
      {below === 0 ? null : (
        <Note tone="warning" role="status" title={t('below', counted(below))}>
          <Checkbox
            label={t('confirm', counted(below))}
            checked={isConfirmed}
            onChange={({ currentTarget }) => setConfirmed(currentTarget.checked)}
          />
        </Note>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          {t('back')}
        </Button>
        <Button disabled={ids.length === 0 || (below > 0 && !isConfirmed)} onClick={() => onApply(ids)}>
          {t('apply', counted(ids.length))}
        </Button>
      </Group>
    </Stack>
  );
}

function ForeseenNote({ each }: { each: OneOfManyOut }) {
  const { t } = useTranslation('batch');
  if (isBelowUsage(each)) return <StateBadge tone="over" icon={IconAlertTriangle} word={t('below_usage')} />;
  if (each.ok) return null;
  return (
    <Stack gap={2} align="flex-start">
      <StateBadge tone="bad" icon={IconCircleX} word={t('cannot')} />
      <ProblemText problem={each.problem ?? null} />
    </Stack>
  );
}
