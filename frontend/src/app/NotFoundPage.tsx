import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EmptyState } from '@/components/EmptyState';
import { PageHeader } from '@/components/PageHeader';

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t('not_found.title')} />
      <EmptyState icon={IconMapQuestion} title={t('not_found.title')} text={t('not_found.text')}>
        <Button component={Link} to="/">
          {t('not_found.home')}
        </Button>
      </EmptyState>
    </>
  );
}
