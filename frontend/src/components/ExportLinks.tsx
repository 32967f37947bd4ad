import { Button, Group } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

const FORMATS = { csv: 'CSV', json: 'JSON' } as const;

/** The same rows as files, all pages of them. The browser fetches them itself: they may be long. */
export function ExportLinks({ filters }: { filters: Record<string, string> }) {
  const { t } = useTranslation();
  const query = new URLSearchParams(filters).toString();
  return (
    <Group gap="xs">
      {(['csv', 'json'] as const).map((format) => (
        <Button
          key={format}
          component="a"
          href={`/api/export/rows.${format}?${query}`}
          download
          variant="default"
          aria-label={t('export_as', { format: FORMATS[format] })}
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {FORMATS[format]}
        </Button>
      ))}
    </Group>
  );
}
