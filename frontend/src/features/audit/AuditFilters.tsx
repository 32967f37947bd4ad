import { Group, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { SearchBox } from '@/components/SearchBox';
import type { AuditUrl } from './url';

interface AuditFiltersProps {
  url: AuditUrl;
  setUrl: (patch: Partial<AuditUrl>, options?: { replace?: boolean }) => void;
}

export function AuditFilters({ url, setUrl }: AuditFiltersProps) {
  const { t } = useTranslation('audit');
  return (
    <Group align="flex-end" gap="sm">
      <SearchBox
        label={t('search')}
        value={url.q}
        onSearch={(q) => setUrl({ q, page: 1 }, { replace: true })}
      />
      <SearchBox
        label={t('host')}
        value={url.host}
        onSearch={(host) => setUrl({ host, page: 1 }, { replace: true })}
      />
      {(['since', 'until'] as const).map((bound) => (
        <TextInput
          key={bound}
          type="date"
          label={t(bound)}
          value={url[bound] ?? ''}
          onChange={({ currentTarget: { value } }) =>
            setUrl({ [bound]: value === '' ? undefined : value, page: 1 })
          }
        />
      ))}
    </Group>
  );
}
