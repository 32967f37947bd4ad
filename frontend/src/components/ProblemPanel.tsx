import { Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '@/api/problems';
import { Note } from './Note';

interface ProblemPanelProps {
  problem: Problem;
  onRetry?: () => void;
  retrying?: boolean;
}

/** What went wrong, what to do next, and the id under which the log tells the rest. */
export function ProblemPanel({ problem, onRetry, retrying = false }: ProblemPanelProps) {
  const { t } = useTranslation(['problems', 'common']);
  const { code, detail, requestId } = problem;
  return (
    <Note tone="problem" role="alert" title={t(`problems:code.${code}.title`)}>
      <Stack gap="xs" align="flex-start">
        {detail === null ? null : <Text size="sm">{detail}</Text>}
        <Text size="sm">{t(`problems:code.${code}.next`)}</Text>
        {requestId === null ? null : <RequestId id={requestId} />}
        {onRetry === undefined ? null : (
          <Button
            variant="default"
            size="xs"
            loading={retrying}
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={onRetry}
          >
            {t('common:retry')}
          </Button>
        )}
      </Stack>
    </Note>
  );
}

function RequestId({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <Group gap="xs">
      <Text size="xs" c="dimmed">
        {t('request_id')}
      </Text>
      <Code>{id}</Code>
      <CopyButton value={id}>
        {({ copied, copy }) => (
          <Button variant="subtle" size="compact-xs" onClick={copy}>
            {copied ? t('copied') : t('copy')}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
