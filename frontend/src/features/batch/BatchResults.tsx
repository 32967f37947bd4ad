import { Anchor, Button, Group, Progress, Stack, Text } from '@mantine/core';
import {
  type Icon,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconHelpCircle,
  IconRefresh,
} from '@tabler/icons-react';
import type { UseMutationResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { OneOfManyOut } from '@/api/generated/types.gen';
import { SaveProblem } from '@/components/SaveProblem';
import { StateBadge, type Tone } from '@/components/StateBadge';
import { useFormat } from '@/i18n/useFormat';
import { auditPath } from '@/lib/audit';
import type { Place } from '@/lib/deviceState';
import type { Limits } from '@/lib/limits';
import { setPath } from '@/lib/paths';
import { ForeseenTable } from './ForeseenTable';
import type { Outcome, Result } from './model';
import { ProblemText } from '@/components/ProblemText';

const OUTCOMES: Record<Outcome, { tone: Tone; icon: Icon }> = {
  applied: { tone: 'good', icon: IconCircleCheck },
  failed: { tone: 'bad', icon: IconCircleX },
  unknown: { tone: 'near', icon: IconHelpCircle },
  not_tried: { tone: 'quiet', icon: IconCircleDashed },
};

const OUTCOME_ORDER = ['applied', 'failed', 'unknown', 'not_tried'] as const;

interface BatchResultsProps {
  place: Place;
  foreseen: OneOfManyOut[];
  limits: Partial<Limits>;
  /** By id; those that were never tried to be set are not in it. */
  results: ReadonlyMap<number, Result>;
  /** Once the master has told it. */
  changeSet: string | null;
  apply: Pick<UseMutationResult<void, unknown, number[]>, 'isPending' | 'error'>;
  onRetry: (ids: number[]) => void;
  onClose: () => void;
}

/** How far it is; then how it ended for each, and once more for those for whom it did not. */
export function BatchResults({
  place,
  foreseen,
  limits,
  results,
  changeSet,
  apply,
  onRetry,
  onClose,
}: BatchResultsProps) {
  const { t } = useTranslation('batch');
  const format = useFormat();
  const all = [...results.values()];
  const open = all.filter(({ outcome }) => outcome !== 'applied').map(({ id }) => id);
  const counted = (count: number) => ({ count, formatted: format.count(count) });
  if (apply.isPending) return <Underway results={all} />;
  const of = (id: number | null) => (id === null ? undefined : results.get(id));
  const isDone = ({ id }: OneOfManyOut) => of(id)?.outcome === 'applied';
  const tried = foreseen.filter(({ id }) => of(id) !== undefined);
  return (
    <Stack gap="md">
      <Text role="status" fw={600}>
        {endings(all)
          .map(([outcome, count]) => t(`ended.${outcome}`, { formatted: format.count(count) }))
          .join(' · ')}
      </Text>
      {apply.error === null ? null : <SaveProblem error={apply.error} />}
      <ForeseenTable
        label={t('results_label')}
        rows={[...tried.filter((each) => !isDone(each)), ...tried.filter(isDone)]}
        limits={limits}
        last={{
          id: 'outcome',
          header: t('column.outcome'),
          minWidth: '10rem',
          cell: ({ id }) => <Ended result={of(id)} />,
        }}
      />
      {changeSet === null ? (
        <Anchor component={Link} to={auditPath({ host: place.host, q: place.device })} size="sm">
          {t('audit')}
        </Anchor>
      ) : (
        <Anchor component={Link} to={setPath(changeSet)} size="sm">
          {t('change_set')}
        </Anchor>
      )}
      <Group justify="flex-end">
        {open.length === 0 ? null : (
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={() => onRetry(open)}
          >
            {t('retry', counted(open.length))}
          </Button>
        )}
        <Button onClick={onClose}>{t('done')}</Button>
      </Group>
    </Stack>
  );
}

/** How often it ended how, the best first; "none set" is said too. */
function endings(results: Result[]): [Outcome, number][] {
  const counts = OUTCOME_ORDER.map((outcome): [Outcome, number] => [
    outcome,
    results.filter((result) => result.outcome === outcome).length,
  ]);
  return counts.filter(([outcome, count]) => count > 0 || outcome === 'applied');
}

function Underway({ results }: { results: Result[] }) {
  const { t } = useTranslation('batch');
  const format = useFormat();
  const done = results.filter(({ outcome }) => outcome !== 'not_tried').length;
  return (
    <Stack gap="xs">
      <Text role="status">
        {t('underway', { done: format.count(done), total: format.count(results.length) })}
      </Text>
      <Progress value={(done / Math.max(1, results.length)) * 100} animated aria-label={t('progress')} />
    </Stack>
  );
}

function Ended({ result }: { result: Result | undefined }) {
  const { t } = useTranslation('status');
  if (result === undefined) return null;
  return (
    <Stack gap={2} align="flex-start">
      <StateBadge {...OUTCOMES[result.outcome]} word={t(`outcome.${result.outcome}`)} />
      <ProblemText problem={result.problem} />
    </Stack>
  );
}
