import { Group, Pagination, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/i18n/useFormat';

interface PagesProps {
  /** What the list is called: two lists on one page are told apart by it. */
  label: string;
  page: number;
  pageSize: number;
  total: number;
  onChange: (page: number) => void;
}

/** Which part of a long list is shown, and the way to the others. */
export function Pages({ label, page, pageSize, total, onChange }: PagesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const from = Math.min(total, (page - 1) * pageSize + 1);
  const to = Math.min(total, page * pageSize);
  const shown = { from: format.count(from), to: format.count(to), total: format.count(total) };
  return (
    <Group justify="space-between">
      <Text size="sm" c="dimmed" role="status">
        {t('table.shown', shown)}
      </Text>
      {total <= pageSize ? null : (
        <nav aria-label={t('table.pages', { name: label })}>
          <Pagination
            total={Math.ceil(total / pageSize)}
            value={page}
            onChange={onChange}
            getItemProps={(item) => ({ 'aria-label': t('table.page', { page: item }) })}
            getControlProps={(control) => ({
              'aria-label': t(control === 'next' ? 'table.next' : 'table.previous'),
            })}
          />
        </nav>
      )}
    </Group>
  );
}
