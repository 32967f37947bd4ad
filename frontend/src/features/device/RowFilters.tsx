import { Group, NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { SearchBox } from '@/components/SearchBox';
import type { QuotaType } from '@/lib/deviceState';
import { QUOTA_STATUSES } from '@/lib/status';
import { LIMIT_SOURCES, type UrlProps } from './url';

export function RowFilters({ url, setUrl, type }: UrlProps & { type: QuotaType }) {
  const { t } = useTranslation(['device', 'status']);
  const statuses = QUOTA_STATUSES.map((value) => ({ value, label: t(`status:quota.${value}`) }));
  const sources = LIMIT_SOURCES.map((value) => ({ value, label: t(`status:source.${value}`) }));
  return (
    <Group align="flex-end" gap="sm">
      <SearchBox
        label={t(`device:search.${type}`)}
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
      <NativeSelect
        label={t('device:column.limits')}
        data={[{ value: '', label: t('device:any_source') }, ...sources]}
        value={url.source ?? ''}
        onChange={({ currentTarget }) =>
          setUrl({ source: LIMIT_SOURCES.find((source) => source === currentTarget.value), page: 1 })
        }
      />
    </Group>
  );
}
