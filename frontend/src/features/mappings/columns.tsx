import { Button } from '@mantine/core';
import { IconCircleCheck, IconHourglassEmpty } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { MappingOut } from '@/api/generated/types.gen';
import type { Column } from '@/components/DataTable';
import { StateBadge } from '@/components/StateBadge';

export function useMappingColumns(onRemove: (mapping: MappingOut) => void): Column<MappingOut>[] {
  const { t } = useTranslation(['mappings', 'status']);
  return [
    { id: 'person', header: t('mappings:column.person'), cell: ({ person }) => person.name },
    { id: 'host', header: t('mappings:column.host'), cell: ({ host }) => host },
    { id: 'username', header: t('mappings:column.username'), cell: ({ username }) => username },
    { id: 'uid', header: t('mappings:column.uid'), number: true, cell: ({ uid }) => uid },
    {
      id: 'state',
      header: t('mappings:column.state'),
      cell: ({ state }) => (
        <StateBadge
          tone={state === 'active' ? 'good' : 'near'}
          icon={state === 'active' ? IconCircleCheck : IconHourglassEmpty}
          word={t(`status:mapping.${state}`)}
        />
      ),
    },
    { id: 'via', header: t('mappings:column.via'), cell: ({ via }) => t(`mappings:via.${via}`) },
    {
      id: 'delete',
      header: t('mappings:column.delete'),
      cell: (mapping) => (
        <Button
          variant="default"
          size="xs"
          aria-label={t('mappings:remove', {
            username: mapping.username,
            host: mapping.host,
            person: mapping.person.name,
          })}
          onClick={() => onRemove(mapping)}
        >
          {t('mappings:remove_short')}
        </Button>
      ),
    },
  ];
}
