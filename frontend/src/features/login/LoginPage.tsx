import { Button, Paper, Stack, Text, Title } from '@mantine/core';
import { IconLogin2 } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { Note } from '@/components/Note';
import { safeReturnTo } from '@/lib/returnTo';

/** Login itself happens at the provider; this page leads there, and says so when it did not work. */
export function LoginPage() {
  const { t } = useTranslation('login');
  const [params] = useSearchParams();
  const returnTo = safeReturnTo(params.get('return_to'));
  useEffect(() => {
    document.title = t('title');
  }, [t]);
  return (
    <Paper withBorder p="xl" bg="var(--qman-ground)" maw={440} mx="auto" w="100%">
      <Stack gap="md">
        <Title order={1}>{t('title')}</Title>
        <Text>{t('intro')}</Text>
        <LoginProblem code={params.get('error')} />
        <Button
          component="a"
          href={`/auth/login?return_to=${encodeURIComponent(returnTo)}`}
          size="md"
          leftSection={<IconLogin2 size={18} aria-hidden />}
        >
          {t('button')}
        </Button>
      </Stack>
    </Paper>
  );
}

const KNOWN = [
  'login_refused',
  'login_expired',
  'login_invalid',
  'provider_unavailable',
  'no_space',
  'database_unavailable',
] as const;
type Known = (typeof KNOWN)[number];

function LoginProblem({ code }: { code: string | null }) {
  const { t } = useTranslation('login');
  if (code === null) return null;
  const known = KNOWN.find((name: Known) => name === code);
  return (
    <Note tone="problem" role="alert" title={t('failed')}>
      {known === undefined ? t('error.other', { code }) : t(`error.${known}`)}
    </Note>
  );
}
