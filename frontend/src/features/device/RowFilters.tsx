import { Group, NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { SearchBox } from '@/components/SearchBox';
import { QUOTA_STATUSES } from '@/lib/status';
import type { UrlProps } from './url';

export function RowFilters({ url, setUrl }: UrlProps) {
  const { t } = useTranslation(['device', 'status']);
  const statuses = QUOTA_STATUSES.map((value) => ({ value, label: t(`status:quota.${value}`) }));
  return (
    <Group align="flex-end" gap="sm">
      <SearchBox
        label={t('device:search')}
        value={url.q}
        onSearch={(q) => setUrl({ q, page: 1 }, { replace: true })}
      />
      <NativeSelect
        label={t('device:status')}
        data={[{ value: '', label: t('device:any_status') }, ...statuses]}
        value={url.status ?? ''}
        onChange={({ currentTarget }) =>
          setUrl({ status: QUOTA_STATUSES.find((status) => status === currentTarget.value), page: 1 })
        }
      />
    </Group>
  );
}
