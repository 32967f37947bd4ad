import { Anchor, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { asProblem, isUnauthenticated } from '@/api/problems';
import { ProblemPanel } from '@/components/ProblemPanel';

/** Why the limits were not set. A session that ended is renewed beside the form, not instead of it. */
export function SaveProblem({ error }: { error: unknown }) {
  const { t } = useTranslation('limits');
  return (
    <Stack gap="xs">
      <ProblemPanel problem={asProblem(error)} />
      {isUnauthenticated(error) ? (
        <Text size="sm">
          {t('login_again')}{' '}
          <Anchor href="/auth/login?return_to=/" target="_blank" rel="noopener">
            {t('login')}
          </Anchor>
        </Text>
      ) : null}
    </Stack>
  );
}
