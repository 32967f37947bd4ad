import { Button, Group } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

const FORMATS = { csv: 'CSV', json: 'JSON' } as const;

interface ExportLinksProps {
  /** Of the addresses of the files. */
  list?: 'rows' | 'docker-events';
  filters: Record<string, string>;
}

/** The same list as files, all pages of it. The browser fetches them itself: they may be long. */
export function ExportLinks({ list = 'rows', filters }: ExportLinksProps) {
  const { t } = useTranslation();
  const query = new URLSearchParams(filters).toString();
  return (
    <Group gap="xs">
      {(['csv', 'json'] as const).map((format) => (
        <Button
          key={format}
          component="a"
          href={`/api/export/${list}.${format}?${query}`}
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
