import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

interface Crumb {
  label: string;
  to: string;
}

interface PageHeaderProps {
  title: string;
  /** The pages above this one, the outermost first. */
  crumbs?: Crumb[];
  subtitle?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ title, crumbs = [], subtitle, actions }: PageHeaderProps) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t('app')}`;
  }, [title, t]);
  return (
    <Stack gap={4} component="header">
      {crumbs.length === 0 ? null : (
        <nav aria-label={t('breadcrumbs')}>
          <Breadcrumbs>
            {crumbs.map(({ label, to }) => (
              <Anchor key={to} component={Link} to={to} size="sm">
                {label}
              </Anchor>
            ))}
            <Text size="sm" aria-current="page">
              {title}
            </Text>
          </Breadcrumbs>
        </nav>
      )}
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={2}>
          <Title order={1} style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Title>
          {subtitle === undefined ? null : (
            <Text component="div" size="sm" c="dimmed">
              {subtitle}
            </Text>
          )}
        </Stack>
        {actions}
      </Group>
    </Stack>
  );
}
