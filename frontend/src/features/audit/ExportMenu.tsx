import { Button, Group } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { filtersOf } from './queries';
import type { AuditUrl } from './url';

/** What the filters let through, as a file. */
export function ExportMenu({ url }: { url: AuditUrl }) {
  const { t } = useTranslation('audit');
  const search = new URLSearchParams(filtersOf(url)).toString();
  return (
    <Group gap="xs" role="group" aria-label={t('export.label')}>
      {(['csv', 'json'] as const).map((kind) => (
        <Button
          key={kind}
          component="a"
          href={`/api/export/audit.${kind}?${search}`}
          download
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {t(`export.${kind}`)}
        </Button>
      ))}
    </Group>
  );
}
